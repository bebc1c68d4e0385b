import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing, ROLE } from '../../../aws-local/redshift-bench/redshift-harness.ts';
import type { LoadRequest } from '../port.ts';
import { FIRST, never, redshiftTests, SECOND } from './harness.ts';
import type { Work } from './load.fixture.ts';

const script = join(import.meta.dirname, 'load.fixture.ts');
const SOON = { timeout: 100_000 };

describe.skipIf(missing)(`a worker that is killed ${missing ?? ''}`, { timeout: 240_000 }, () => {
  const tests = redshiftTests();
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redshift-kill-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A process that loads, and what tells that it was killed before it could say so. */
  const startWorker = async (request: LoadRequest): Promise<ChildProcess> => {
    const { data, store, postgres } = tests.bench();
    const place = { workgroup: 'sluice', database: postgres.database };
    const work: Work = { ...store, data: data.endpoint, s3: store.endpoint, place, copyRole: ROLE, request };
    const file = join(folder, `${Date.now()}.json`);
    await writeFile(file, JSON.stringify(work));
    return spawn(process.execPath, ['--import', 'tsx', script, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  };
  const kill = async (worker: ChildProcess) => {
    worker.kill('SIGKILL');
    expect(await once(worker, 'exit')).toEqual([null, 'SIGKILL']);
  };
  const loadIds = () => tests.bench().sql('SELECT load_id FROM _sluice.loads ORDER BY sequence');
  const blocked = async () => {
    const blocker = await tests.bench().database.pool.connect();
    await blocker.query('BEGIN; LOCK TABLE raw_shop.orders');
    return async () => {
      await blocker.query('ROLLBACK');
      blocker.release();
    };
  };

  it('while its transaction runs leaves it to its successor, which waits for it', async () => {
    await tests.load(FIRST);
    const request = await tests.request(SECOND);
    const release = await blocked();
    const worker = await startWorker(request);
    await expect.poll(tests.waiting, SOON).toHaveLength(1);
    await kill(worker);
    const successor = tests.open().load(request, never);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await release();
    expect(await successor).toMatchObject({ loadId: 'l2', rowsLoaded: 2, rowsDeleted: 1 });
    await expect.poll(tests.waiting, SOON).toEqual([]);
    await tests.appliedOnce();
  });

  it('while its transaction runs changes nothing by it, when the transaction ends before the successor comes', async () => {
    await tests.load(FIRST);
    const request = await tests.request(SECOND);
    const release = await blocked();
    const worker = await startWorker(request);
    await expect.poll(tests.waiting, SOON).toHaveLength(1);
    await kill(worker);
    await release();
    await expect.poll(loadIds, SOON).toHaveLength(2);
    expect(await tests.open().load(request, never)).toMatchObject({ alreadyApplied: true, rowsDeleted: 1 });
    await tests.appliedOnce();
  });

  it('after the commit that it never saw is found to have been applied', async () => {
    await tests.load(FIRST);
    const request = await tests.request(SECOND);
    // Three results are read before the batch; its own is on its way for as long as it takes to kill.
    const { faults } = tests.bench().data;
    faults.add({ kind: 'slow', operation: 'GetStatementResult', skip: 3, milliseconds: 5_000 });
    const worker = await startWorker(request);
    await expect.poll(loadIds, SOON).toHaveLength(2);
    await kill(worker);
    expect(await tests.open().load(request, never)).toMatchObject({
      alreadyApplied: true,
      rowsLoaded: 2,
      rowsDeleted: 1,
    });
    await tests.appliedOnce();
  });

  it('while its batch is on the way comes too late with it', async () => {
    await tests.load(FIRST);
    const request = await tests.request(SECOND);
    const { faults, calls } = tests.bench().data;
    const batches = () => calls.get('BatchExecuteStatement') ?? 0;
    const before = batches();
    faults.add({ kind: 'slow', operation: 'BatchExecuteStatement', skip: 1, milliseconds: 3_000 });
    const worker = await startWorker(request);
    await expect.poll(batches, SOON).toBe(before + 2);
    await kill(worker);
    expect(await tests.open().load(request, never)).toMatchObject({ alreadyApplied: false, rowsLoaded: 2 });
    await new Promise((resolve) => setTimeout(resolve, 3_500)); // until the batch on the way has arrived
    await tests.appliedOnce();
  });
});
