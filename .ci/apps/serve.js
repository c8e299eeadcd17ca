// serve talks with the test: «ready», then «done» after each «jobs N».
const readline = require('node:readline');

async function run(app, n) {
  let left = n;
  const all = new Promise((resolve) => app.onFinished(() => { left -= 1; if (left === 0) resolve(); }));
  for (let i = 0; i < n; i += 1) await app.add();
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
