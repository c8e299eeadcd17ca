// The sums of keynest reconcile by DuckDB in one scan: lines and amount of each kind of line. usage: duckdb.cjs FILE
const { DuckDBInstance } = require('@duckdb/node-api');
(async () => {
  const exact = ['line_item_unblended_cost', 'line_item_usage_amount', 'pricing_public_on_demand_rate'];
  const types = exact.map(name => `'${name}': 'DECIMAL(24, 10)'`).join(', ');
  const c = await (await DuckDBInstance.create()).connect();
  await c.run('set threads to 2');
  const r = await c.runAndReadAll(`
    select count(*), sum(line_item_unblended_cost),
      count(*) filter (line_item_product_code = 'AmazonElastiCache'),
      sum(line_item_unblended_cost) filter (line_item_product_code = 'AmazonElastiCache'),
      sum(cast(line_item_usage_amount as decimal(18, 0)) * cast(pricing_public_on_demand_rate as decimal(18, 10))) filter (line_item_product_code = 'AmazonElastiCache')
    from read_csv('${process.argv[2]}', header = true, types = {${types}})`);
  const [rows, all, lines, billed, list] = r.getRows()[0].map(String);
  console.log(`duckdb: ${rows} lines, ${lines} of caches, billed ${billed}, at list ${list}, of all services ${all}`);
})().catch(e => { console.error(String(e)); process.exit(1); });
