import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { InvalidInput } from '../core/errors.ts';
import { DatabaseRefused, DatabaseUnreachable, SeedInProgress } from './errors.ts';
import { isSeeded, seedOlist, type SeedReport } from './index.ts';
import { generateOlist } from './olist/generate.ts';
import { olistTables } from './olist/tables.ts';
import { testDatabase, type TestDatabase } from '../test/setup/database.ts';

/** Milliseconds; a real database on a busy machine takes its time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase('seed');
});
afterAll(() => database.close());

async function value(sql: string): Promise<unknown> {
  const { rows } = await database.client.query<{ value: unknown }>(`select (${sql})::text as value`);
  return rows[0]?.value;
}

/** A digest of everything in the tables. */
async function contents(): Promise<unknown[]> {
  const digests: unknown[] = [];
  for (const table of olistTables) {
    const rows = `select string_agg(t::text, '|' order by t::text collate "C") from ${table} t`;
    digests.push(await value(`md5((${rows}))`));
  }
  return digests;
}

describe('seedOlist', () => {
  let report: SeedReport;
  beforeAll(async () => {
    expect(await isSeeded(database.url)).toBe(false);
    report = await seedOlist(database.url, { orders: 800 });
  });

  it('fills every table with the rows it reports', async () => {
    expect(await isSeeded(database.url)).toBe(true);
    for (const table of olistTables) {
      expect(report.inserted[table]).toBeGreaterThan(0);
      expect(await value(`select count(*) from ${table}`)).toBe(String(report.inserted[table]));
    }
    expect(report).toMatchObject({ empty: [], unchecked: [], shiftedDays: 0, newestPurchase: '2018-10-17' });
  });

  it('stores every generated text as it is', async () => {
    const { rows } = await database.client.query<{ id: string; order: string; message: string | null }>(
      'select review_id as id, order_id as order, review_comment_message as message from order_reviews',
    );
    const stored = new Map(rows.map(({ id, order, message }) => [`${id} ${order}`, message]));
    for (const row of generateOlist(800, 1).order_reviews()) {
      const [id, order, , , message] = row;
      expect(stored.get(`${id} ${order}`)).toBe(message);
    }
    expect(
      await value(`select count(*) from order_reviews where review_comment_message like U&'\\FEFF%'`),
    ).not.toBe('0');
  });

  it('has keys, checked foreign keys and an index on every cursor column', async () => {
    expect(
      await value(
        `select count(*) from pg_constraint where contype = 'p' and connamespace = 'public'::regnamespace`,
      ),
    ).toBe('10');
    expect(await value(`select count(*) from pg_constraint where contype = 'f' and convalidated`)).toBe('7');
    for (const index of [
      'orders_order_purchase_timestamp_idx',
      'order_reviews_review_creation_date_idx',
      'order_items_shipping_limit_date_idx',
      'leads_closed_won_date_idx',
      'leads_qualified_first_contact_date_idx',
    ]) {
      expect(await value(`to_regclass('public.${index}')`)).toBe(index);
    }
  });

  it('gives the same contents when it is called again', async () => {
    const before = await contents();
    await seedOlist(database.client, { orders: 800, seed: 1 });
    expect(await contents()).toEqual(before);
  });

  it('moves all dates by the same whole days', async () => {
    const spans = `select string_agg((order_delivered_customer_date - order_purchase_timestamp)::text, ',' order by order_id)
      from orders`;
    const offset = `select min(won_date)::date - (select min(first_contact_date) from leads_qualified) from leads_closed`;
    const review = `select max(review_creation_date) from order_reviews`;
    const [before, gap, asked] = [await value(spans), await value(offset), await value(review)];
    const shifted = await seedOlist(database.client, { orders: 800, shiftTo: '2026-11-20' });
    expect(shifted).toMatchObject({ shiftedDays: 2956, newestPurchase: '2026-11-20' });
    expect([await value(spans), await value(offset)]).toEqual([before, gap]);
    expect(await value(`(${review}) - interval '2956 days'`)).toBe(asked);
    expect(await value(`to_regclass('public.orders_order_purchase_timestamp_idx')`)).not.toBeNull();
  });

  it('tells how far it is', async () => {
    const seen = new Set<string>();
    await seedOlist(database.client, { orders: 10, onProgress: ({ table }) => seen.add(table) });
    expect([...seen]).toEqual(olistTables);
  });

  it('refuses options that do not go together before it touches anything', async () => {
    const before = await contents();
    await expect(seedOlist(database.client, { data: [], orders: 5 })).rejects.toThrow(InvalidInput);
    await expect(seedOlist(database.client, { shiftTo: 'tomorrow' })).rejects.toThrow(
      /'tomorrow' is not a date or time/,
    );
    await expect(seedOlist(database.client, { orders: -1 })).rejects.toThrow(/orders is -1/);
    expect(await contents()).toEqual(before);
  });

  it('does not run beside another seeding', async () => {
    await database.client.query('begin');
    await database.client.query('select pg_advisory_xact_lock(5758423111)');
    await expect(seedOlist(database.url, { orders: 5 })).rejects.toThrow(SeedInProgress);
    await database.client.query('rollback');
  });

  it('says what stands in the way of replacing the tables', async () => {
    await database.client.query('create view public.mine as select * from public.orders');
    await expect(seedOlist(database.client, { orders: 5 })).rejects.toThrow(
      /mine depends on table orders.*Drop what depends/s,
    );
    await database.client.query('drop view public.mine');
    await seedOlist(database.client, { orders: 5 });
  });

  it('tells a database that is not there from a server that is down', async () => {
    const wrong = new URL(database.url);
    wrong.pathname = '/nowhere';
    await expect(seedOlist(wrong.href)).rejects.toThrow(DatabaseRefused);
    const down = new URL(database.url);
    down.port = '1';
    await expect(seedOlist(down.href)).rejects.toThrow(DatabaseUnreachable);
  });
});
