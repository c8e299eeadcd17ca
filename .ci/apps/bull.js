// One Bull queue with a processor that does nothing: node bull.js PORT. It
// speaks as bullmq.js does.
const Queue = require('bull');
const { serve } = require('./serve');

const queue = new Queue('jobs', { redis: { host: '127.0.0.1', port: Number(process.argv[2]) } });
let finished = () => {};
queue.process(async () => {});
queue.on('completed', () => finished());
serve({
  ready: () => queue.isReady(),
  add: () => queue.add({}),
  onFinished: (f) => { finished = f; },
});
