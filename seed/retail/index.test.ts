import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidInput } from '../../core/errors.ts';
import { testMysql, type TestMysql } from '../../test/setup/mysql.ts';
import { NotSeeded } from '../errors.ts';
import { generateRetail } from './generate.ts';
import { advanceRetail, checkRetail, seedRetail } from './index.ts';
import { retailTables } from './tables.ts';

describe('generateRetail', () => {
  it('gives the same rows for the same size, and others for another seed', () => {
    expect(generateRetail()).toEqual(generateRetail());
    expect(generateRetail({ seed: 2 })).not.toEqual(generateRetail());
  });

  it('refuses a shop that cannot be, with every reason at once', async () => {
    expect(() => generateRetail({ clients: 0, sales: 1.5, until: '2026-02-30' })).toThrow(
      /clients: 0.*sales: 1.5.*2026-02-30/s,
    );
    await expect(checkRetail({ data: ['/somewhere'] })).rejects.toThrow(InvalidInput);
  });
});

describe('the shop for clothes in MySQL', () => {
  let db: TestMysql;
  beforeAll(async () => {
    db = await testMysql('retail');
  }, 200_000);
  afterAll(() => db.close());

  const one = async (sql: string) => Object.values((await db.sql(sql))[0] ?? {}).map(Number);
  const digests = async () => db.sql(`CHECKSUM TABLE ${retailTables.join(', ')}`);

  it('is not advanced before it is there', async () => {
    await expect(advanceRetail(db.address, { days: 1 })).rejects.toThrow(NotSeeded);
  });

  it('has the rows that were asked for, whose money adds up, in the year up to the day', async () => {
    const { inserted, newestPurchase } = await seedRetail(db.address, { shiftTo: '2026-03-05' });
    expect(inserted).toMatchObject({
      clients: 100,
      client_addresses: 100,
      sales_people: 20,
      products: 50,
      sales: 1000,
    });
    expect(newestPurchase).toBe('2026-03-05');
    expect(
      await one(`SELECT COUNT(*), MIN(sale_date) >= '2026-01-01', COUNT(DISTINCT sale_date) FROM sales`),
    ).toEqual([1000, 1, 64]);
    expect(
      await one(`SELECT COUNT(*) FROM sales s WHERE total_amount <> (SELECT SUM(i.total_amount) FROM sales_items i WHERE i.sale_id = s.sale_id)
        OR (SELECT COUNT(*) FROM sales_items i WHERE i.sale_id = s.sale_id) NOT BETWEEN 1 AND 3`),
    ).toEqual([0]);
    expect(
      await one(
        `SELECT COUNT(*) FROM sales_items JOIN products USING (product_id) WHERE total_amount <> quantity * unit_price OR unit_price + discount <> price OR discount > price * 0.155`,
      ),
    ).toEqual([0]);
  });

  it('is replaced as a whole, with its references, and leaves nothing beside it', async () => {
    await seedRetail(db.address);
    const once = await digests();
    await seedRetail(db.address);
    expect(await digests()).toEqual(once);
    const tables = await db.sql('SHOW TABLES');
    expect(tables.flatMap((row) => Object.values(row)).sort()).toEqual([...retailTables].sort());
    await expect(db.sql('DELETE FROM clients WHERE client_id = 1')).rejects.toThrow(/foreign key/);
  });

  it('goes on by days that follow from what is there', async () => {
    await seedRetail(db.address);
    const { inserted, newestPurchase } = await advanceRetail(db.address, { days: 3 });
    expect(newestPurchase).toBe('2026-01-03');
    expect(inserted.sales).toBeGreaterThanOrEqual(3);
    const after = await digests();
    await seedRetail(db.address);
    for (let day = 0; day < 3; day++) await advanceRetail(db.address, { days: 1 });
    expect(await digests()).toEqual(after);
    expect(await one('SELECT COUNT(*) FROM sales')).toEqual([1000 + inserted.sales]);
  });
});
