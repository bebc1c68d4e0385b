import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DuckDbWarehouse } from './warehouse.ts';
import { aLoad, aTable, day } from '../conformance/fixtures.ts';

const never = new AbortController().signal;

describe('the file of a DuckDbWarehouse', { timeout: 30_000 }, () => {
  let folder: string;
  let file: string;
  let warehouse: DuckDbWarehouse;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duckdb-file-'));
    file = join(folder, 'warehouse.duckdb');
    warehouse = new DuckDbWarehouse({ file, lockWaitMs: 300 });
    await warehouse.load(await aLoad(folder, { loadId: 'l1', files: [[[1, '2018-01-01', 'a']]] }), never);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await end(child);
    await rm(folder, { recursive: true, force: true });
  });

  const hold = async (mode: 'READ_WRITE' | 'READ_ONLY') => {
    const script = join(import.meta.dirname, 'holder.fixture.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, file, mode], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  };

  it('is free for another process as soon as an operation has ended', async () => {
    await hold('READ_WRITE');
  });

  it('tells of the last load while it is handed over, also to those who waited, and of the next one afterwards', async () => {
    const next = await aLoad(folder, { loadId: 'l2', interval: day(2), files: [[[2, '2018-01-02', 'b']]] });
    const opened = vi.spyOn(DuckDBInstance, 'create');
    const done = warehouse.load(next, never);
    await vi.waitFor(() => expect(opened).toHaveBeenCalled(), { interval: 1, timeout: 20_000 }); // it has its turn
    opened.mockRestore();
    let free = () => {};
    let begin = () => {};
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const held = warehouse.handOver(
      () =>
        new Promise<void>((resolve) => {
          free = resolve;
          begin();
        }),
    );
    // Asked for while a load is under way and the hand-over waits for it: answered before the file is back.
    const waited = warehouse.lastLoad('shop', 'orders');
    await done;
    expect(await waited).toMatchObject({ loadId: 'l2' });
    await begun;
    expect(await warehouse.lastLoad('shop', 'orders')).toMatchObject({ loadId: 'l2' });
    expect(await warehouse.lastLoad('shop', 'orders', day(1))).toMatchObject({ loadId: 'l1' });
    expect(await warehouse.lastLoad('shop', 'orders', day(3))).toBeUndefined();
    free();
    await held;
    const third = await aLoad(folder, { loadId: 'l3', interval: day(3), files: [[[3, '2018-01-03', 'c']]] });
    await warehouse.load(third, never);
    expect(await warehouse.lastLoad('shop', 'orders')).toMatchObject({ loadId: 'l3' });
    expect((await readdir(folder)).filter((name) => name.includes('.loads'))).toEqual([]);
  });

  it('tells of the mark while it is handed over as it does before: none of a table that was dropped', async () => {
    const table = (name: string) =>
      aTable({
        name,
        extract: { mode: 'incremental', cursor: 'id', cursorNulls: 'fail', lookback: '0 seconds' },
      });
    for (const name of ['kept', 'dropped', 'emptied']) {
      const load = {
        loadId: `l-${name}`,
        table: table(name),
        mark: '42',
        manifest: { mode: 'incremental' } as const,
      };
      await warehouse.load(await aLoad(folder, { ...load, files: [[[42, '2018-01-02', 'b']]] }), never);
    }
    await warehouse.handOver(async () => {
      const instance = await DuckDBInstance.create(file);
      const connection = await instance.connect();
      await connection.run('DROP TABLE raw_shop.dropped');
      await connection.run('TRUNCATE raw_shop.emptied');
      connection.closeSync();
      instance.closeSync();
    });
    const marks = () =>
      Promise.all(['kept', 'dropped', 'emptied'].map((name) => warehouse.mark('shop', name)));
    const before = await marks();
    expect(before).toMatchObject([{ value: '42' }, undefined, undefined]);
    await warehouse.handOver(async () => expect(await marks()).toEqual(before));
  });

  it('names the program that holds it, its PID and the next step', async () => {
    const holder = await hold('READ_WRITE');
    const message = new RegExp(
      `${file} is held by another program: .*\\(PID ${holder.pid ?? 0}\\); waited .* close that program`,
    );
    const second = await aLoad(folder, { loadId: 'l2', files: [] });
    for (const attempt of [
      () => warehouse.load(second, never),
      () => warehouse.query('SELECT 1'),
      () => warehouse.lastLoad('shop', 'orders'),
      () => warehouse.handOver(() => Promise.resolve()),
    ]) {
      await expect(attempt()).rejects.toMatchObject({
        name: 'WarehouseHeld',
        message: expect.stringMatching(message) as string,
      });
    }
  });

  it('is read beside another program that reads it', async () => {
    await hold('READ_ONLY');
    expect((await warehouse.query('SELECT id FROM raw_shop.orders')).rows).toEqual([{ id: '1' }]);
  });

  it('is waited for, and had once the other program has ended', async () => {
    const patient = new DuckDbWarehouse({ file, lockWaitMs: 20_000 });
    const holder = await hold('READ_WRITE');
    const loading = patient.load(await aLoad(folder, { loadId: 'l2', files: [] }), never);
    await end(holder);
    expect((await loading).alreadyApplied).toBe(false);
  });

  it('is not waited for any longer once aborted', async () => {
    const patient = new DuckDbWarehouse({ file, lockWaitMs: 20_000 });
    await hold('READ_WRITE');
    const reason = new Error('cancelled');
    const controller = new AbortController();
    const loading = patient.load(await aLoad(folder, { loadId: 'l2', files: [] }), controller.signal);
    controller.abort(reason);
    await expect(loading).rejects.toBe(reason);
  });

  it('takes loads of two warehouses in one process one after the other, and reads beside them', async () => {
    const other = new DuckDbWarehouse({ file });
    const requests = await Promise.all(
      [2, 3, 4, 5].map((number) =>
        aLoad(folder, {
          loadId: `l${number}`,
          interval: day(number),
          files: [[[number, '2018-01-01', 'a']]],
        }),
      ),
    );
    const loads = requests.map((request, at) => (at % 2 ? warehouse : other).load(request, never));
    const reads = requests.map(() => warehouse.query('SELECT count(*) AS n FROM raw_shop.orders'));
    await Promise.all([...loads, ...reads]);
    expect((await other.query('SELECT count(*) AS n FROM raw_shop.orders')).rows).toEqual([{ n: '5' }]);
  });

  it('is not written by a query, not even beside a load that has it open for writing', async () => {
    const query = `SELECT range AS id, TIMESTAMP '2018-01-01' AS at, 'a' AS note FROM range(300000)`;
    const request = await aLoad(folder, { loadId: 'l2', interval: day(2), sql: { query, rows: 300_000 } });
    const loading = warehouse.load(request, never);
    await expect(warehouse.query('CREATE TABLE mine (a int)')).rejects.toThrow(/read-only mode/);
    expect((await loading).rowsLoaded).toBe(300_000);
  });

  it.each([
    ['COPY (SELECT 1) TO', (path: string) => `COPY (SELECT 1) TO '${path}'`],
    ['read_text', () => `SELECT * FROM read_text('/etc/passwd')`],
    ['ATTACH', (path: string) => `ATTACH '${path}'`],
    ['EXPORT DATABASE', (path: string) => `EXPORT DATABASE '${path}'`],
  ])('is all that a query sees: %s is refused for what it is', async (_name, statement) => {
    const outside = join(folder, 'outside');
    await expect(warehouse.query(statement(outside))).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(
        /^The query: it reaches for something outside of .+warehouse\.duckdb/,
      ) as string,
    });
    await expect(stat(outside)).rejects.toThrow(/ENOENT/);
    const none = new DuckDbWarehouse({ file: join(folder, 'none.duckdb') });
    await expect(none.query(statement(outside))).rejects.toThrow(/outside of/);
  });

  it('cannot be talked out of that by a query', async () => {
    await expect(warehouse.query('SET enable_external_access = true')).rejects.toThrow(/locked/);
    expect((await warehouse.load(await aLoad(folder, { loadId: 'l2', files: [] }), never)).rowsLoaded).toBe(
      0,
    );
  });

  it('is handed over whole, closed, and left alone until the other has done', async () => {
    const order: string[] = [];
    const handed = warehouse.handOver(async ({ SLUICE_DUCKDB_PATH: path }) => {
      expect(path).toBe(file);
      const holder = await hold('READ_WRITE');
      order.push('handed over');
      await end(holder);
    });
    const load = warehouse
      .load(await aLoad(folder, { loadId: 'l2', interval: day(2), files: [] }), never)
      .then(() => order.push('loaded'));
    await Promise.all([handed, load]);
    expect(order).toEqual(['handed over', 'loaded']);
  });

  it('passes what a failed use has thrown, and goes on', async () => {
    const failure = new Error('dbt failed');
    await expect(warehouse.handOver(() => Promise.reject(failure))).rejects.toBe(failure);
    expect((await warehouse.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('says what to do when it is no database', async () => {
    const broken = join(folder, 'broken.duckdb');
    await writeFile(broken, 'no database'.repeat(1000));
    const damaged = new DuckDbWarehouse({ file: broken });
    await expect(damaged.query('SELECT 1')).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(/broken\.duckdb cannot be read as a DuckDB.*backup/) as string,
    });
  });

  it('says that it may not be written', async () => {
    await chmod(file, 0o444);
    const asNobody = process.getuid?.() === 0;
    await chmod(folder, 0o755);
    const request = await aLoad(folder, { loadId: 'l2', files: [] });
    if (asNobody) process.seteuid?.(65534);
    try {
      await expect(warehouse.load(request, never)).rejects.toMatchObject({
        name: 'TerminalError',
        message: expect.stringMatching(/warehouse\.duckdb or its folder may not be written/) as string,
      });
    } finally {
      if (asNobody) process.seteuid?.(0);
    }
  });

  it('is not made by reading', async () => {
    const none = new DuckDbWarehouse({ file: join(folder, 'none.duckdb') });
    expect(await none.lastLoad('shop', 'orders')).toBeUndefined();
    expect((await none.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await expect(
      DuckDBInstance.create(join(folder, 'none.duckdb'), { access_mode: 'READ_ONLY' }),
    ).rejects.toThrow(/does not exist/);
  });

  it('is out of use once closed', async () => {
    await warehouse.close();
    await warehouse.close();
    await expect(warehouse.query('SELECT 1')).rejects.toThrow(/is closed/);
  });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
