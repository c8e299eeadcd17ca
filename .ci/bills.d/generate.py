# Writes a Cost and Usage Report of so many lines: hours of 2,000 caches, one line in ten, among 40 other services.
# usage: generate.py LINES FILE
import sys

lines, path = int(sys.argv[1]), sys.argv[2]
columns = ("identity_line_item_id,bill_billing_period_start_date,line_item_usage_account_id,line_item_line_item_type,line_item_usage_start_date,"
           "line_item_usage_end_date,line_item_product_code,line_item_usage_type,line_item_operation,line_item_resource_id,line_item_usage_amount,"
           "line_item_currency_code,line_item_unblended_rate,line_item_unblended_cost,line_item_line_item_description,product_region_code,pricing_unit,"
           "pricing_public_on_demand_rate,pricing_public_on_demand_cost,reservation_effective_cost")
kinds = [  # usage type, operation, region, quantity, rate in units of 10^-10 dollars, unit
    ("NodeUsage:cache.r7g.large", "CreateCacheCluster:Valkey", "us-east-1", 1, 1752000000, "Hrs"),
    ("EU-NodeUsage:cache.m7g.large", "CreateCacheCluster:0002", "eu-west-1", 1, 1740000000, "Hrs"),
    ("EUC1-CachedData:Valkey", "CreateServerlessCache", "eu-central-1", 7, 1010000000, "GB-Hours"),
    ("EUC1-ElastiCacheProcessingUnits:Valkey", "CreateServerlessCache", "eu-central-1", 3600123, 27, "ElastiCacheProcessingUnit"),
]


def dollars(n):
    return f"{n // 10**10}.{n % 10**10:010d}"


hours = [f"2026-10-{h // 24 + 1:02d}T{h % 24:02d}:00:00Z" for h in range(744)] + ["2026-11-01T00:00:00Z"]
with open(path, "w", buffering=1 << 20) as out:
    print(columns, file=out)
    for i in range(lines):
        h = i * 744 // lines
        if i % 10:
            service = i % 41
            if service == 40:
                service = 7
            quantity = i % 977 + 1
            cost = dollars(quantity * 123456789)
            print(f"id{i:012d},2026-10-01T00:00:00Z,444455556666,Usage,{hours[h]},{hours[h + 1]},AmazonService{service},USE1-Thing:{i % 13},Run{i % 7},"
                  f"arn:aws:thing:us-east-1:444455556666:instance/i-{i % 100003:017d},{quantity},USD,0.0123456789,{cost},"
                  f"$0.0123456789 per thing of kind {i % 13} in US East,us-east-1,Hrs,0.0123456789,{cost},", file=out)
            continue
        cache = i // 10 % 2000
        usage, operation, region, quantity, rate, unit = kinds[cache % 4]
        if unit != "Hrs":
            quantity += i // 10 % 11
        cost, price = dollars(quantity * rate), dollars(rate)
        print(f"id{i:012d},2026-10-01T00:00:00Z,444455556666,Usage,{hours[h]},{hours[h + 1]},AmazonElastiCache,{usage},{operation},"
              f"arn:aws:elasticache:{region}:444455556666:cluster:cache-{cache:05d},{quantity},USD,{price},{cost},"
              f"${price} per {usage},{region},{unit},{price},{cost},", file=out)
