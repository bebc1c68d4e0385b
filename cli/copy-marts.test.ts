import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../test/setup/database.ts';
import { temporaryFolder } from '../test/setup/folder.ts';
import { eventually } from '../test/faults/wait.ts';
import { profile as nowhere } from '../web/pages.fixture.ts';
import type { Profile } from '../profiles/profile.ts';
import { copyMarts } from './copy-marts.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase('copies');
});
afterAll(() => database.close());

const file = join(temporaryFolder('copies'), 'warehouse.duckdb');

function profileWith(change: Partial<TestDatabase['address']> = {}): Profile {
  const transform = { ...nowhere.transform, python: join(process.cwd(), '.tools/python') };
  return {
    ...nowhere,
    transform,
    warehouse: { type: 'duckdb', file, readers: { ...database.address, ssl: undefined, ...change } },
  };
}

async function write(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

const order = { pipelines: ['shop'], everyMs: 20 };
const unheard = () => undefined;

it('copies again whenever the warehouse has changed, and not while it has not', async () => {
  await write('CREATE SCHEMA shop; CREATE TABLE shop.sales AS FROM range(3) AS t(n)');
  const ending = new AbortController();
  const copies: number[] = [];
  const works = copyMarts(
    profileWith(),
    order,
    ([first]) => copies.push(first?.rows ?? 0),
    unheard,
    ending.signal,
  );
  await eventually('the first copy', () => copies.length > 0);
  await wait(20 * order.everyMs);
  expect(copies).toEqual([3]);
  await write('INSERT INTO shop.sales VALUES (3)');
  await eventually('the second copy', () => copies.length > 1);
  expect(copies).toEqual([3, 4]);
  ending.abort(new Error('enough'));
  await works;
});

it('goes on where the database is away, and says so each time', async () => {
  const ending = new AbortController();
  const failures: string[] = [];
  const away = profileWith({ port: 1 });
  const tries = copyMarts(away, order, unheard, (why) => failures.push(why), ending.signal);
  await eventually('two tries', () => failures.length > 1);
  expect(failures[0]).toMatch(/Copying to database .* for readers failed, and nothing changed there/);
  ending.abort(new Error('enough'));
  await Promise.allSettled([tries]);
});

it('of one pipeline that fails holds no other up, and is said', async () => {
  await database.client.query('CREATE SCHEMA theirs');
  await write(
    'CREATE SCHEMA IF NOT EXISTS shop; CREATE SCHEMA theirs; CREATE TABLE theirs.sales AS SELECT 1 AS n',
  );
  await write('CREATE OR REPLACE TABLE shop.sales AS FROM range(5) AS t(n)');
  const { signal } = new AbortController();
  const pipelines = ['theirs', 'shop'];
  await expect(copyMarts(profileWith(), { pipelines }, unheard, unheard, signal)).rejects.toThrow(
    /Schema 'theirs' .* was not made by this command/,
  );
  expect((await database.client.query('SELECT count(*)::int AS n FROM shop.sales')).rows).toEqual([{ n: 5 }]);
});

it('says what a profile lacks, and which warehouse needs no copy', async () => {
  const { signal } = new AbortController();
  await expect(copyMarts(nowhere, { pipelines: ['shop'] }, unheard, unheard, signal)).rejects.toThrow(
    /'readers' of its warehouse is missing/,
  );
});
