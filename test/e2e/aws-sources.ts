import mysql, { type RowDataPacket } from 'mysql2/promise';
import pg from 'pg';
import { expect } from 'vitest';
import { followRun } from '../../cli/follow-run.ts';
import { Output } from '../../cli/output.ts';
import { connectionOf, sourceAddress } from '../../cli/seeding.ts';
import { startRun } from '../../operations/start-run.ts';
import { registry } from '../../pipelines/index.ts';
import { seedBikestore } from '../../seed/bikestore/index.ts';
import { seedOlistInMysql } from '../../seed/mysql/index.ts';
import type { TestStack } from './stack.ts';

const ORDERS = 120;

/** `bikestore` from PostgreSQL and `olist_hourly` from MySQL: their marts have the sums of their sources, after a second run as well. */
export async function expectOtherSources(stack: TestStack): Promise<void> {
  await expectBikestore(stack);
  await expectOlistHourly(stack);
}

async function expectBikestore(stack: TestStack): Promise<void> {
  const address = sourceAddress(stack.session.profile, 'bikestore');
  await seedBikestore(address, { orders: ORDERS });
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(
    `SELECT CAST(count(*) AS varchar(9)) AS lines, CAST(sum(list_price * quantity) AS varchar(40)) AS total FROM order_items`,
  );
  await client.end();
  for (const interval of ['2025-12-31T17:00:00Z/2026-01-01T17:00:00Z', '2026-01-01T17:00:00Z/2026-01-02T17:00:00Z']) {
    await run(stack, 'bikestore', interval);
    expect(
      await stack.sql(
        `SELECT CAST(count(*) AS varchar(9)) AS lines, CAST(sum(total_price) AS varchar(40)) AS total FROM bikestore.fact_sales`,
      ),
    ).toEqual(rows);
  }
}

async function expectOlistHourly(stack: TestStack): Promise<void> {
  const settings = connectionOf(stack.session.profile, 'olist_mysql');
  if (settings.type !== 'mysql') throw new Error('The profile has no MySQL.');
  await seedOlistInMysql(settings, { orders: ORDERS });
  const { host, port, user, password, database } = settings;
  const client = await mysql.createConnection({ host, port, user, password, database });
  const [rows] = await client.query<RowDataPacket[]>(
    `SELECT CAST(COUNT(*) AS CHAR) AS items, CAST(SUM(price) AS CHAR) AS price, CAST(SUM(freight_value) AS CHAR) AS freight FROM order_items`,
  );
  await client.end();
  for (const interval of ['2018-12-31T23:00:00Z/2019-01-01T00:00:00Z', '2019-01-01T00:00:00Z/2019-01-01T01:00:00Z']) {
    await run(stack, 'olist_hourly', interval);
    expect(
      await stack.sql(
        `SELECT CAST(sum(items_sold) AS varchar(9)) AS items, CAST(sum(price) AS varchar(40)) AS price, CAST(sum(freight) AS varchar(40)) AS freight FROM olist_hourly.sales_by_category`,
      ),
    ).toEqual(rows.map((row) => ({ ...row })));
  }
}

async function run({ session }: TestStack, pipeline: string, interval: string): Promise<void> {
  await followRun(session, await startRun(session, registry, { pipeline, interval }), new Output(true));
}
