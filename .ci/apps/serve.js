// serve talks with the test: «ready», then «done» after each «jobs N».
const readline = require('node:readline');

async function run(app, n) {
  let left = n;
  const all = new Promise((resolve) => app.onFinished(() => { left -= 1; if (left === 0) resolve(); }));
  // Twenty at a time, so that the worker always finds one: a worker that waits asks
  // more often, and how often would depend on the machine.
  for (let i = 0; i < n; i += 20) await Promise.all(Array.from({ length: Math.min(20, n - i) }, () => app.add()));
  await all;
  console.log('done');
}

exports.serve = async (app) => {
  await app.ready();
  console.log('ready');
  readline.createInterface({ input: process.stdin })
    .on('line', (line) => run(app, Number(line.split(' ')[1])))
    .on('close', () => process.exit(0));
};
