// One BullMQ worker that does nothing: node bullmq.js PORT. It prints «ready»,
// and for each line «jobs N» on standard input adds N jobs and
// prints «done» when the last of them is.
const { Queue, Worker } = require('bullmq');
const { serve } = require('./serve');

const connection = { host: '127.0.0.1', port: Number(process.argv[2]), maxRetriesPerRequest: null };
const queue = new Queue('jobs', { connection });
let finished = () => {};
const worker = new Worker('jobs', async () => {}, { connection });
worker.on('completed', () => finished());
serve({
  ready: () => worker.waitUntilReady(),
  add: () => queue.add('job', {}),
  onFinished: (f) => { finished = f; },
});
