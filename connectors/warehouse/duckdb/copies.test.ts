import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/setup/database.ts';
import { temporaryFolder } from '../../../test/setup/folder.ts';
import { openGate } from '../../../test/setup/gate.ts';
import { TerminalError, TransientError } from '../../../core/errors.ts';
import { eventually } from '../../../test/faults/wait.ts';
import { findExtension } from '../../duckdb/extension.ts';
import type { Readers } from './copies.ts';
import { DuckDbWarehouse } from './warehouse.ts';

const { signal } = new AbortController();
let database: TestDatabase;
let readers: Readers;
let file: string;
let warehouse: DuckDbWarehouse;

beforeAll(async () => {
  database = await testDatabase('readers');
  const pythonHome = join(process.cwd(), '.tools/python');
  readers = { address: database.address, extensionFile: findExtension('postgres_scanner', { pythonHome }) };
});
afterAll(() => database.close());
beforeEach(async () => {
  await there('DROP SCHEMA IF EXISTS shop, other, empty CASCADE');
  file = join(temporaryFolder('readers'), 'warehouse.duckdb');
  warehouse = new DuckDbWarehouse({ file });
});

/** Writes into the warehouse file, as a run does. */
async function here(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

async function there(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.client.query<Record<string, unknown>>(sql)).rows;
}

const copy = (schema = 'shop') => warehouse.copyTo(readers, schema, signal);

describe('a copy for readers', () => {
  it('has the tables and views of the schemas, each value as it is', async () => {
    await here(`
      CREATE SCHEMA shop; CREATE SCHEMA other;
      CREATE TABLE shop.sales AS SELECT 1::TINYINT AS a, 2::UTINYINT AS b, 40000::USMALLINT AS c, 4000000000::UINTEGER AS d,
        18446744073709551615::UBIGINT AS e, (-99999999999999999999999999999999999999)::HUGEINT AS f, 1.10::DECIMAL(12, 2) AS g,
        'NaN'::DOUBLE AS h, '-infinity'::FLOAT AS i, true AS j, DATE '0001-01-01' AS k, TIME '23:59:59.999999' AS l,
        TIMESTAMP '2024-02-29 12:00:00.123456' AS m, TIMESTAMPTZ '2024-02-29 12:00:00.123456+05' AS n, '\\x00\\xFF'::BLOB AS o,
        'b1d5781111d84f7b3fe45a0852e59758cd7a87e5'[:8] AS p, '1e7f1a3c-4f5d-4a7e-9d53-0a3b1c2d3e4f'::UUID AS q, '{"a": [1]}'::JSON AS r,
        [1, NULL, 3] AS s, {'x': 'it''s', 'y': NULL} AS t, MAP {'k': 1} AS u, INTERVAL 3 MONTH AS v, 'small'::ENUM ('small', 'big') AS w,
        TIMESTAMP_S '2024-02-29 12:00:00' AS x, TIMESTAMP_NS '2024-02-29 12:00:00.123456789' AS y, '' AS empty, E'line\\none, "two"' AS "a Name", NULL::INT AS nothing;
      INSERT INTO shop.sales (a, p) VALUES (2, 'שלום 👩‍👩‍👧');
      CREATE VIEW shop.few AS SELECT a, p FROM shop.sales WHERE a = 2;
      CREATE TABLE other.private AS SELECT 1 AS x;`);
    expect(await copy()).toEqual([
      { schema: 'shop', table: 'few', rows: 1 },
      { schema: 'shop', table: 'sales', rows: 2 },
    ]);
    const [row] = await there(
      `SELECT a, b, c, d::text, e::text, f::text, g::text, h::text, i::text, j, k::text, l::text, m::text, (n AT TIME ZONE 'UTC')::text AS n, encode(o, 'hex') AS o,
         p, q::text, r, s, t, u, v, w, x::text, y, empty, "a Name", nothing FROM shop.sales WHERE a = 1`,
    );
    expect(row).toEqual({
      a: 1,
      b: 2,
      c: 40_000,
      d: '4000000000',
      e: '18446744073709551615',
      f: '-99999999999999999999999999999999999999',
      g: '1.10',
      h: 'NaN',
      i: '-Infinity',
      j: true,
      k: '0001-01-01',
      l: '23:59:59.999999',
      m: '2024-02-29 12:00:00.123456',
      n: '2024-02-29 07:00:00.123456',
      o: '00ff',
      p: 'b1d57811',
      q: '1e7f1a3c-4f5d-4a7e-9d53-0a3b1c2d3e4f',
      r: '{"a": [1]}',
      s: '[1,null,3]',
      t: `{"x":"it's","y":null}`,
      u: '{"k":1}',
      v: '3 months',
      w: 'small',
      x: '2024-02-29 12:00:00',
      y: '2024-02-29 12:00:00.123456789',
      empty: '',
      'a Name': 'line\none, "two"',
      nothing: null,
    });
    expect(await there('SELECT p FROM shop.few')).toEqual([{ p: 'שלום 👩‍👩‍👧' }]);
    expect(await there(`SELECT 1 FROM pg_namespace WHERE nspname = 'other'`)).toEqual([]);
  });

  it('follows the warehouse: rows, columns, tables that come and go; views of readers stay', async () => {
    await here(
      'CREATE SCHEMA shop; CREATE TABLE shop.sales AS FROM range(10) AS t(n); CREATE TABLE shop.old AS SELECT 1 AS x',
    );
    await copy();
    await there('CREATE VIEW public.mine AS SELECT count(*)::int AS n FROM shop.sales');
    await here(
      'INSERT INTO shop.sales VALUES (10); DROP TABLE shop.old; CREATE TABLE shop.new AS SELECT 2 AS x',
    );
    await copy();
    expect(await there('SELECT n FROM public.mine')).toEqual([{ n: 11 }]);
    expect(
      await there(`SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace ORDER BY 1`),
    ).toEqual([{ relname: 'new' }, { relname: 'sales' }]);
    await here('ALTER TABLE shop.new ADD COLUMN y INTEGER DEFAULT 7');
    await copy();
    expect(await there('SELECT * FROM shop.new')).toEqual([{ x: 2, y: 7 }]);
    await here('ALTER TABLE shop.sales ADD COLUMN y INTEGER; DELETE FROM shop.new');
    await expect(copy()).rejects.toThrow(/nothing changed there.*other objects depend on it/s);
    expect(await there('SELECT * FROM shop.new')).toEqual([{ x: 2, y: 7 }]);
    await there('DROP VIEW public.mine');
    await copy();
    expect(await there('SELECT * FROM shop.new')).toEqual([]);
  });

  it('is whole or not there, whoever reads meanwhile', async () => {
    await here(
      'CREATE SCHEMA shop; CREATE TABLE shop.a AS SELECT 1 AS x; CREATE TABLE shop.b AS SELECT 1 AS x',
    );
    await copy();
    const reader = await database.session();
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await reader.query('SELECT * FROM shop.a');
    await here('UPDATE shop.a SET x = 2; UPDATE shop.b SET x = 2');
    await copy();
    expect((await reader.query('SELECT a.x, b.x AS y FROM shop.a AS a, shop.b AS b')).rows).toEqual([
      { x: 1, y: 1 },
    ]);
    await reader.query('COMMIT');
    await here(`UPDATE shop.a SET x = 3; CREATE TABLE shop.c AS SELECT 'a' || chr(0) AS x`);
    await expect(copy()).rejects.toThrow(/nothing changed there/);
    expect(await there('SELECT x FROM shop.a')).toEqual([{ x: 2 }]);
  });

  it('refuses names that PostgreSQL would cut, naming them, and loses nothing', async () => {
    const long = 'x'.repeat(64);
    await here('CREATE SCHEMA shop; CREATE TABLE shop.sales AS SELECT 1 AS x');
    await copy();
    await here(`CREATE TABLE shop.${long} AS SELECT 1 AS x; CREATE TABLE shop.other AS SELECT 1 AS ${long}y`);
    await expect(copy()).rejects.toThrow(
      new RegExp(`names of more than 63 bytes.*: ${long}y, ${long}\\. Give`),
    );
    expect(await there('SELECT x FROM shop.sales')).toEqual([{ x: 1 }]);
  });

  it('follows a mart that is spelled otherwise, and the last one that goes', async () => {
    await here('CREATE SCHEMA shop; CREATE TABLE shop.sales AS SELECT 1 AS x');
    await copy();
    await here('DROP TABLE shop.sales; CREATE TABLE shop."Sales" AS SELECT 2 AS x');
    await copy();
    expect(await there('SELECT x FROM shop."Sales"')).toEqual([{ x: 2 }]);
    await here('DROP TABLE shop."Sales"');
    expect(await copy()).toEqual([]);
    expect(await there(`SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace`)).toEqual([]);
  });

  it('says which table fails, and what to do: a view, a moment before all calendars, a reader that holds it', async () => {
    await here(
      `CREATE SCHEMA shop; CREATE TABLE shop.sales AS SELECT TIMESTAMP '290307-01-01 (BC) 00:00:00' AS "long ago"`,
    );
    await expect(copy()).rejects.toThrow(
      /shop\.sales for readers: long ago has moments that PostgreSQL has no place for/,
    );
    await here(
      'CREATE OR REPLACE TABLE shop.sales AS SELECT 1 AS x; CREATE VIEW shop.broken AS SELECT x FROM shop.sales',
    );
    await here('ALTER TABLE shop.sales RENAME COLUMN x TO y');
    await expect(copy()).rejects.toThrow(/Copying shop\.broken for readers failed before anything was sent/);
    await here('DROP VIEW shop.broken');
    await copy();
    const reader = await database.session();
    await reader.query('BEGIN');
    await reader.query('SELECT * FROM shop.sales');
    await here('ALTER TABLE shop.sales ADD COLUMN z INTEGER');
    const held = copy();
    await expect(held).rejects.toThrow(/shop\.sales: .*lock timeout/s);
    await expect(held).rejects.toBeInstanceOf(TransientError);
    await reader.query('COMMIT');
    await copy();
    expect(await there('SELECT * FROM shop.sales')).toEqual([{ y: 1, z: null }]);
  });

  it('lets the warehouse go before it sends: who is silent over there holds nobody up here', async () => {
    await here('CREATE SCHEMA shop; CREATE TABLE shop.sales AS SELECT 1 AS x');
    const gate = await openGate(readers.address);
    gate.hang();
    const silent = { ...readers, address: { ...readers.address, port: gate.port } };
    let isOver = false;
    const sent = warehouse.copyTo(silent, 'shop', signal).finally(() => (isOver = true));
    const failed = expect(sent).rejects.toBeInstanceOf(TransientError);
    await eventually('the copy to be sent', () => gate.connections > 0);
    expect(await warehouse.query('SELECT x FROM shop.sales')).toMatchObject({ rows: [{ x: 1 }] });
    expect(isOver).toBe(false);
    await gate.close();
    await failed;
  });

  it('is not begun while another one is under way', async () => {
    await here('CREATE SCHEMA shop; CREATE TABLE shop.sales AS SELECT 1 AS x');
    await copy();
    const other = await database.session();
    // The lock of a copy, by what is written on its schema.
    await other.query(
      `SELECT pg_advisory_lock(hashtext(obj_description('shop'::regnamespace, 'pg_namespace') || ' shop'))`,
    );
    await here('UPDATE shop.sales SET x = 2');
    await expect(copy()).rejects.toThrow(/Another copy of 'shop' .* is under way/);
    await expect(copy()).rejects.toBeInstanceOf(TransientError);
    expect(await there('SELECT x FROM shop.sales')).toEqual([{ x: 1 }]);
    await other.query('SELECT pg_advisory_unlock_all()');
    await copy();
    expect(await there('SELECT x FROM shop.sales')).toEqual([{ x: 2 }]);
  });

  it('leaves tables and views alone that readers have made there, and says which are in its way', async () => {
    await here('CREATE SCHEMA shop; CREATE TABLE shop.sales AS SELECT 1 AS x');
    await copy();
    await there('CREATE TABLE shop.notes AS SELECT 7 AS n; CREATE VIEW shop.coming AS SELECT 8 AS n');
    await copy();
    expect(await there('SELECT n FROM shop.notes')).toEqual([{ n: 7 }]);
    await here('CREATE TABLE shop.coming AS SELECT 1 AS x; CREATE TABLE shop.notes AS SELECT 1 AS x');
    await expect(copy()).rejects.toThrow(/somebody has made ('coming', 'notes'|'notes', 'coming')/);
    expect(await there('SELECT n FROM shop.notes')).toEqual([{ n: 7 }]);
  });

  it('leaves alone what others have made there', async () => {
    await there('CREATE SCHEMA shop; CREATE TABLE shop.theirs AS SELECT 1 AS x');
    await here('CREATE SCHEMA shop; CREATE TABLE shop.theirs AS SELECT 2 AS x');
    await expect(copy()).rejects.toThrow(/Schema 'shop' .* was not made by this command/);
    expect(await there('SELECT x FROM shop.theirs')).toEqual([{ x: 1 }]);
  });

  it('has nothing to copy where nothing was built, and says who is not to be reached', async () => {
    expect(await copy()).toEqual([]);
    await here('CREATE SCHEMA empty');
    expect([...(await copy('empty')), ...(await copy('absent'))]).toEqual([]);
    await here('CREATE SCHEMA shop; CREATE TABLE shop.a AS SELECT 1 AS x');
    const nowhere = { ...readers, address: { ...readers.address, port: 1, password: 'hidden-word' } };
    const failed = warehouse.copyTo(nowhere, 'shop', signal);
    await expect(failed).rejects.toThrow(/Copying to database .* on .*:1 for readers failed/);
    await expect(failed).rejects.not.toThrow(/hidden-word/);
    await expect(failed).rejects.toBeInstanceOf(TransientError);
    const refused = { ...readers, address: { ...readers.address, database: 'nowhere_at_all' } };
    await expect(warehouse.copyTo(refused, 'shop', signal)).rejects.toBeInstanceOf(TerminalError);
    expect(readdirSync(dirname(file)).filter((name) => name.includes('readers'))).toEqual([]);
  });
});
