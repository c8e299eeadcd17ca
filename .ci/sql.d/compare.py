"""Prices random caches with keynest replay and with the generated SQL on DuckDB, ClickHouse's engine and Spark,
and compares every total to the nano-dollar: compare.py KEYNEST DIR [ENGINE...]

DIR is where node_modules/@duckdb/node-api is installed; chdb and pyspark are imported."""
import csv, decimal, math, os, random, subprocess, sys, datetime

keynest, folder = sys.argv[1], sys.argv[2]
engines = sys.argv[3:] or ["duckdb", "clickhouse", "spark"]
here = os.path.dirname(os.path.abspath(__file__))
caches, hours = 200, 720
cards = ["--as-of", "2026-11-22", "--region", "us-east"]
runs = [["--replicas", "1"], ["--replicas", "0", "--read-share", "0.5"], ["--replicas", "2", "--term", "1y"],
        ["--tax", "10%", "--min-data-gb", "0.5"], ["--zones", "3", "--snapshots", "2"],
        ["--zones", "2", "--same-zone-reads", "yes", "--replicas", "2", "--backup-gb", "7"]]


def usage(path):
    r = random.Random(21)
    start = datetime.datetime(2026, 1, 20, 5)
    with open(path, "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["cache", "time", "commands", "bytes", "stored_bytes"])
        for c in range(caches):
            rate, size, payload = 10 ** r.uniform(0, 9), 10 ** r.uniform(5, 12), 10 ** r.uniform(1, 4)
            first, last = (0, hours) if c % 4 else (r.randrange(hours // 2), r.randrange(hours // 2, hours) + 1)
            for h in range(first, last):
                n = int(rate * (1 + math.sin(h / 24 * 6.28)) * r.uniform(0.5, 1.5)) * (9 if r.random() < 0.002 else 1)
                w.writerow([f"c{c:03d}", (start + datetime.timedelta(hours=h)).strftime("%Y-%m-%d %H:%M:%S"), n, int(n * payload), int(size * r.uniform(0.5, 1.5))])


def replay(path, args):
    out = subprocess.run([keynest, "replay", path, "--every", "1h", "--each", "--output", "csv", *cards, *args], check=True, capture_output=True, text=True).stdout
    rows = list(csv.DictReader(out.splitlines()))
    offers = [k for k in rows[0] if k not in ("cache", "hours", "cheapest", "size", "usd", "today_usd", "saving_usd")]
    return {(r["cache"], o): int(decimal.Decimal(r[o]) * 10**9) for r in rows for o in offers if r[o]}


def statements(dialect, args):
    return subprocess.run([keynest, "rates", "sql", "--dialect", dialect, *cards, *args], check=True, capture_output=True, text=True).stdout


TOTALS = "SELECT cache, offer, sum(usd_nano) AS nano FROM keynest_bills GROUP BY cache, offer"


def duckdb(path, sql):
    script = os.path.join(folder, "run.sql")
    with open(script, "w") as f:
        f.write(f"CREATE OR REPLACE VIEW keynest_usage AS SELECT * FROM read_csv('{path}', header = true);\n{sql}")
    out = subprocess.run(["node", os.path.join(here, "duckdb.cjs"), folder, script, TOTALS], check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in out.splitlines()]


def clickhouse(path, sql):
    from chdb import session
    s = session.Session()
    s.query("CREATE DATABASE IF NOT EXISTS k; ")
    s.query(f"CREATE OR REPLACE VIEW k.keynest_usage AS SELECT * FROM file('{path}', 'CSVWithNames', 'cache String, time DateTime(\\'UTC\\'), commands Int64, bytes Int64, stored_bytes Int64')")
    s.query("USE k")
    for one in split(sql):
        s.query(one)
    out = str(s.query(TOTALS, "TSV"))
    s.close()
    return [line.split("\t") for line in out.splitlines()]


def spark(path, sql):
    from pyspark.sql import SparkSession
    s = (SparkSession.builder.master("local-cluster[2,1,1024]").appName("keynest")
         .config("spark.sql.session.timeZone", "UTC").config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2")
         .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1").config("spark.sql.ansi.enabled", "true").getOrCreate())
    s.sparkContext.setLogLevel("ERROR")
    (s.read.csv(path, header=True, schema="cache string, time timestamp, commands bigint, bytes bigint, stored_bytes bigint").createOrReplaceTempView("keynest_usage"))
    for one in split(sql):
        s.sql(one)
    for view in ("keynest_meters", "keynest_sizes", "keynest_plan_months"):  # else each is computed several times
        s.sql(f"CACHE LAZY TABLE {view}")
    rows = [[r[0], r[1], str(r[2])] for r in s.sql(TOTALS).collect()]
    s.stop()
    return rows


def split(sql):
    text = "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
    return [one.strip() for one in text.split(";\n") if one.strip().rstrip(";")] if ";\n" in text else [text]


path = os.path.join(os.path.abspath(folder), "usage.csv")
usage(path)
failed = False
for args in runs:
    want = replay(path, args)
    for engine in engines:
        sql = statements(engine, args)
        got = {(c, o): int(n) for c, o, n in globals()[engine](path, sql)}
        said = {o for _, o in got}
        wrong = [(k, got.get(k), want.get(k)) for k in sorted(set(got) | {k for k in want if k[1] in said}) if got.get(k) != want.get(k)]
        print(f"{engine} {' '.join(args)}: {len(got)} totals of {len(said)} offers, {len(wrong)} differ")
        for w in wrong[:5]:
            print("  ", w)
        failed = failed or bool(wrong) or not got
sys.exit(1 if failed else 0)
