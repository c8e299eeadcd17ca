// Runs a file of SQL on DuckDB, then a query, and prints its rows: duckdb.cjs FOLDER FILE QUERY
const path = require('path'), fs = require('fs');
const { DuckDBInstance } = require(path.join(path.resolve(process.argv[2]), 'node_modules/@duckdb/node-api'));
(async () => {
  const c = await (await DuckDBInstance.create()).connect();
  await c.run(fs.readFileSync(process.argv[3], 'utf8'));
  const r = await c.runAndReadAll(process.argv[4]);
  console.log(r.getRows().map(row => row.map(String).join('\t')).join('\n'));
})().catch(e => { console.error(String(e)); process.exit(1); });
