// Makes up the orders of the run's interval, twenty a day, the same ones however often it is asked for them.
import { readFileSync, writeFileSync } from 'node:fs';
import pg from 'pg';

const DAY_MS = 86_400_000;
const PER_DAY = 20;
const { interval } = JSON.parse(readFileSync(process.env.SLUICE_INPUT, 'utf8'));
const first = Math.floor(Date.parse(interval.start) / DAY_MS);
const days = Math.ceil(Date.parse(interval.end) / DAY_MS) - first;

const client = new pg.Client({ connectionString: process.env.SHOP_URL }); // with PGPASSWORD, both from the profile
await client.connect();
await client.query(
  `CREATE TABLE IF NOT EXISTS orders (
     order_id int PRIMARY KEY, customer text NOT NULL, amount numeric(10, 2) NOT NULL, ordered_at timestamptz NOT NULL)`,
);
const { rowCount } = await client.query(
  `INSERT INTO orders
   SELECT n, 'customer ' || n % 7, (n * 37 % 9900) / 100.0 + 1, to_timestamp(n / $3::int * 86400 + n % $3::int * 3600)
   FROM generate_series($1::int * $3::int, ($1::int + $2::int) * $3::int - 1) AS n
   ON CONFLICT DO NOTHING`,
  [first, days, PER_DAY],
);
await client.end();
console.log(`${rowCount} new orders`);
writeFileSync(process.env.SLUICE_OUTPUT, JSON.stringify({ rows: rowCount }));
