import { join } from 'node:path';
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

it(
  'copies again whenever the warehouse has changed, and not while it has not',
  { timeout: 120_000 },
  async () => {
    const ending = new AbortController();
    const copies: number[] = [];
    const failures: string[] = [];
    const order = { pipelines: ['shop'], everyMs: 20 };
    const fails = copyMarts(
      profileWith({ port: 1 }),
      order,
      () => copies.push(-1),
      (why) => failures.push(why),
      ending.signal,
    );
    await write('CREATE SCHEMA shop; CREATE TABLE shop.sales AS FROM range(3) AS t(n)');
    await eventually('two tries', () => failures.length > 1);
    expect(failures[0]).toMatch(/Copying to database .* for readers failed, and nothing changed there/);
    const works = copyMarts(
      profileWith(),
      order,
      (copied) => copies.push(copied[0]?.rows ?? 0),
      (why) => failures.push(why),
      ending.signal,
    );
    await eventually('the first copy', () => copies.length > 0);
    // As many looks as there are tries of the other one, which goes on beside it.
    const tried = failures.length;
    await eventually('looks', () => failures.length > tried + 2);
    expect(copies).toEqual([3]);
    await write('INSERT INTO shop.sales VALUES (3)');
    await eventually('the second copy', () => copies.length > 1);
    expect(copies).toEqual([3, 4]);
    ending.abort(new Error('enough'));
    await Promise.allSettled([fails, works]);
  },
);

it('ends where trying again does not help: others have made the schema', async () => {
  await database.client.query('CREATE SCHEMA theirs');
  await write('CREATE SCHEMA theirs; CREATE TABLE theirs.sales AS SELECT 1 AS n');
  const { signal } = new AbortController();
  const unheard = () => undefined;
  await expect(
    copyMarts(profileWith(), { pipelines: ['theirs'], everyMs: 20 }, unheard, unheard, signal),
  ).rejects.toThrow(/was not made by this command/);
});

it('says what a profile lacks, and which warehouse needs no copy', async () => {
  const { signal } = new AbortController();
  const unheard = () => undefined;
  await expect(copyMarts(nowhere, { pipelines: ['shop'] }, unheard, unheard, signal)).rejects.toThrow(
    /'readers' of its warehouse is missing/,
  );
});
