import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidInput } from '../../core/errors.ts';
import { testDatabase } from '../../test/setup/database.ts';
import { testMysql, type TestMysql } from '../../test/setup/mysql.ts';
import { seedOlist } from '../index.ts';
import { olistTables } from '../olist/tables.ts';
import { isSeededInMysql, seedOlistInMysql } from './index.ts';

const DATA = process.env['SLUICE_TEST_DATA'] ?? join(import.meta.dirname, '../../../shared/data');
const FILES = join(DATA, 'olist/merged_23k');

describe('a shop in MySQL', () => {
  let db: TestMysql;
  beforeAll(async () => {
    db = await testMysql('seed');
  }, 200_000);
  afterAll(() => db.close());

  const digest = async () => {
    const [row] = await db.sql(
      `SELECT (SELECT SUM(price + freight_value) FROM order_items) AS money, (SELECT COUNT(*) FROM orders) AS orders,
         (SELECT COUNT(*) FROM leads_closed WHERE has_company) AS companies, (SELECT CAST(MAX(order_purchase_timestamp) AS CHAR) FROM orders) AS newest`,
    );
    return row;
  };

  it('has the rows that the same options give in PostgreSQL', async () => {
    const postgres = await testDatabase('seed');
    try {
      const expected = await seedOlist(postgres.url, { orders: 300 });
      expect(await isSeededInMysql(db.address)).toBe(false);
      const report = await seedOlistInMysql(db.address, { orders: 300 });
      expect(report.inserted).toEqual(expected.inserted);
      expect(report.newestPurchase).toBe(expected.newestPurchase);
      const { rows } = await postgres.client.query<Record<string, string>>(
        `SELECT (SELECT sum(price + freight_value) FROM order_items)::text AS money, (SELECT count(*) FROM orders)::int AS orders,
           (SELECT count(*) FROM leads_closed WHERE has_company)::int AS companies, (SELECT max(order_purchase_timestamp) FROM orders)::text AS newest`,
      );
      expect(await digest()).toEqual(rows[0]);
    } finally {
      await postgres.close();
    }
  });

  it('is replaced as a whole, and leaves nothing beside it', async () => {
    await seedOlistInMysql(db.address, { orders: 50 });
    const once = await digest();
    await seedOlistInMysql(db.address, { orders: 50 });
    expect(await digest()).toEqual(once);
    const tables = await db.sql('SHOW TABLES');
    expect(tables.flatMap((row) => Object.values(row)).sort()).toEqual([...olistTables].sort());
    expect(await isSeededInMysql(db.address)).toBe(true);
  });

  it('stays as it was when what is asked for cannot be', async () => {
    await seedOlistInMysql(db.address, { orders: 50 });
    const once = await digest();
    await expect(seedOlistInMysql(db.address, { data: ['/nowhere'] })).rejects.toThrow(/\/nowhere/);
    await expect(seedOlistInMysql(db.address, { shiftTo: '2026-01-01' })).rejects.toThrow(InvalidInput);
    expect(await digest()).toEqual(once);
  });

  it.skipIf(!existsSync(FILES))('takes the real files', async () => {
    const { inserted, empty } = await seedOlistInMysql(db.address, { data: [FILES, join(DATA, 'olist')] });
    expect(inserted.orders).toBeGreaterThan(20_000);
    expect(inserted.leads_closed).toBeGreaterThan(800);
    expect(empty.map(({ table }) => table)).toEqual(['geolocation']);
  });
});
