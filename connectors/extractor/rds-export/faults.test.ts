import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missing, startExportHarness, type ExportHarness } from '../../../aws-local/rds/export-harness.ts';
import { HandedOver } from '../../../core/errors.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import { openPostgres } from '../../source/postgres/harness.ts';
import { PostgresSource, type PostgresSourceOptions } from '../../source/postgres/source.ts';
import { aRequest, aTable } from '../conformance/request.ts';
import type { ExtractAllRequest } from '../port.ts';
import type { Given } from './export-once.fixture.ts';
import { RdsExportExtractor } from './extractor.ts';

if (missing === undefined) describe('RdsExportExtractor under faults', { timeout: 120_000 }, underFaults);
else describe.skip(`RdsExportExtractor under faults ${missing}`, () => it('holds', () => undefined));

const ORDERS = aTable({ name: 'orders', primaryKey: ['id'] });
/** Of its 1000 rows the last are held back while another session has the lock. */
const HELD = aTable({ name: 'held', from: 'held', primaryKey: ['id'] });

/** When a worker is killed, which tables it has, and what it has said by then. */
const MOMENTS: readonly (readonly [what: string, tables: readonly ResolvedTable[], said: RegExp])[] = [
  ['when the database had just been asked', [ORDERS], /exporting/],
  ['when half of a table was exported, and another one was in the lake', [ORDERS, HELD], /writing/],
  ['when all was exported, before that was written down', [ORDERS], /exported/],
  ['when that was written down, before it was read', [ORDERS], /reading/],
  ['when the Parquet was written, before the manifest', [ORDERS], /writing/],
];

function underFaults(): void {
  let harness: ExportHarness;
  /** A session beside the exports. */
  let slow: Client;
  /** Started before they are needed, all at once. */
  let workers: ChildProcessByStdio<Writable, Readable, null>[];
  beforeAll(async () => {
    workers = MOMENTS.map(() => {
      const script = join(import.meta.dirname, 'export-once.fixture.ts');
      return spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    });
    harness = await startExportHarness();
    await harness.postgres.sql(`
      CREATE TABLE orders AS SELECT i AS id, E'row\\n' || i AS note FROM generate_series(1, 1000) i;
      CREATE FUNCTION held(n int) RETURNS int LANGUAGE plpgsql VOLATILE AS
        'BEGIN IF n > 900 THEN PERFORM pg_advisory_xact_lock_shared(4712); END IF; RETURN n; END';
      CREATE VIEW held AS SELECT held(id) AS id, repeat('x', 200) AS note FROM orders`);
    slow = await harness.postgres.session();
  }, 120_000);
  afterEach(async () => {
    harness.exporter.refusal = undefined;
    await slow.query('ROLLBACK'); // what a test that fails has left would hold up the next
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await harness.stop();
  });

  const hold = () => slow.query('BEGIN; SELECT pg_advisory_xact_lock(4712)');
  const sessions = () => harness.postgres.sql(`SELECT pid, wait_event ${SESSIONS}`);
  const untilHeld = () =>
    expect
      .poll(sessions, { timeout: 60_000, interval: 50 })
      .toContainEqual(expect.objectContaining({ wait_event: 'advisory' }));
  const left = (token: string) => harness.keys(`lake/exports/${token}/`);
  const records = async (token: string) => (await left(token)).filter((key) => key.endsWith('export.json'));
  const loads = async (table: ResolvedTable) => {
    const found: string[] = [];
    for await (const { manifest } of harness.lake.list({ ...PLACE, table: table.name }))
      found.push(manifest.loadId);
    return found;
  };
  const errorOf = async (request: ExtractAllRequest, extractor = harness.extractor) => {
    const [entry] = await extractor.extractAll(request, never());
    return entry && 'error' in entry ? entry.error : undefined;
  };

  /** A worker of its own that is killed when it has said this, and something else is so, too. */
  const killedAt = async (request: ExtractAllRequest, moment: RegExp, when: () => Promise<unknown>) => {
    const given: Given = { request, ...harness.given };
    const worker = workers.shift();
    if (!worker) throw new Error('no worker is left to be killed');
    worker.stdin.write(`${JSON.stringify(given)}\n`);
    let said = false;
    for await (const line of createInterface(worker.stdout)) {
      if (said || !moment.test(line)) continue;
      said = true;
      await when();
      worker.kill('SIGKILL');
    }
    if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
    expect(said).toBe(true);
  };

  for (const [what, tables, moment] of MOMENTS) {
    it(`has the rows of a worker that was killed ${what}, once, and leaves nothing`, async () => {
      const request = aRequest(tables);
      const isHeld = tables.includes(HELD);
      if (isHeld) await hold();
      const inLake = () =>
        expect.poll(() => loads(ORDERS), { timeout: 60_000 }).toContain(request.tables[0]?.loadId);
      await killedAt(request, moment, async () => {
        if (isHeld) await Promise.all([untilHeld(), inLake()]);
      });
      const written = await records(request.token);
      const next = aRequest(tables, request.token);
      const orphans = await sessions();
      const running = harness.extractor.extractAll(next, never());
      if (isHeld)
        await expect.poll(sessions, { timeout: 10_000 }).not.toEqual(expect.arrayContaining(orphans));
      await slow.query('ROLLBACK');
      const extracted = await running;
      for (const [at, { name }] of tables.entries())
        expect(extracted[at]).toMatchObject({
          table: name,
          manifest: { rows: 1000, loadId: next.tables[at]?.loadId },
        });
      // What was whole was not asked for again.
      expect(await records(request.token)).toEqual(expect.arrayContaining(written));
      expect(await records(request.token)).toHaveLength(tables.length);
      await harness.extractor.release(request.token);
      expect(await left(request.token)).toEqual([]);
      expect(await sessions()).toEqual([]);
    });
  }

  for (const [how, reason] of [
    ['cancelled', new Error('cancelled')],
    ['handed over', new HandedOver('the worker stops')],
  ] as const) {
    it(`ends the export when ${how}, and the lake has nothing of it; another attempt has all rows`, async () => {
      const abort = new AbortController();
      const request = aRequest([HELD]);
      await hold();
      const running = harness.extractor.extractAll(request, abort.signal);
      running.catch(() => undefined);
      await untilHeld();
      abort.abort(reason);
      await expect(running).rejects.toBe(reason);
      await expect.poll(sessions, { timeout: 10_000 }).toEqual([]);
      expect(await loads(HELD)).not.toContain(request.tables[0]?.loadId);
      await slow.query('ROLLBACK');
      const [entry] = await harness.extractor.extractAll(aRequest([HELD], request.token), never());
      expect(entry).toMatchObject({ manifest: { rows: 1000 } });
      await harness.extractor.release(request.token);
      expect(await left(request.token)).toEqual([]);
    });
  }

  it('ends an export that goes on when its run is released, and removes what it has written', async () => {
    const request = aRequest([HELD]);
    await hold();
    const running = harness.extractor.extractAll(request, never());
    await untilHeld();
    await harness.extractor.release(request.token);
    expect(await sessions()).toEqual([]);
    expect((await running)[0]).toMatchObject({ error: { name: 'Unreachable' } });
    expect(await left(request.token)).toEqual([]);
  });

  it('takes no export of which rows are missing, and asks for it again', async () => {
    const request = aRequest([ORDERS]);
    await harness.extractor.extractAll(request, never());
    const csv = (await left(request.token)).find((key) => key.endsWith('/part-0')) ?? '';
    await harness.put(csv, '"1","row\n1"\n');
    const again = aRequest([ORDERS], request.token);
    expect(await errorOf(again)).toMatchObject({
      name: 'TransientError',
      message: expect.stringMatching(
        /the database says that it exported 1000 rows, and the files of .* hold 1\./,
      ) as string,
    });
    expect(await loads(ORDERS)).not.toContain(again.tables[0]?.loadId);
    const [entry] = await harness.extractor.extractAll(aRequest([ORDERS], request.token), never());
    expect(entry).toMatchObject({ manifest: { rows: 1000 } });
    await harness.extractor.release(request.token);
  });

  it('waits for a database that is lost while it exports', async () => {
    const request = aRequest([HELD]);
    await hold();
    const running = harness.extractor.extractAll(request, never());
    await untilHeld();
    await harness.postgres.sql(`SELECT pg_terminate_backend(pid) ${SESSIONS}`);
    expect((await running)[0]).toMatchObject({
      error: { name: 'Unreachable', message: expect.stringMatching(/terminating connection/) as string },
    });
    await slow.query('ROLLBACK');
    await harness.extractor.release(request.token);
    expect(await left(request.token)).toEqual([]);
  });

  for (const [what, refusal, kind, message] of [
    [
      'no role for S3',
      'no role',
      'TerminalError',
      /Give the database a role for the feature s3Export .*s3:PutObject.*exports\/\*/,
    ],
    [
      'no right to write there',
      'Access Denied',
      'TerminalError',
      /The role .* needs s3:PutObject and s3:AbortMultipartUpload on arn:aws:s3:::lake\/lake\/exports\/\*/,
    ],
    [
      'no way to S3',
      'Unable to connect to endpoint',
      'Unreachable',
      /security group and route let it out to S3/,
    ],
    ['a failure that nobody knows', 'Something else', 'TransientError', /Something else/],
  ] as const) {
    it(`says of a database that has ${what} what to do`, async () => {
      harness.exporter.refusal = refusal;
      const request = aRequest([ORDERS]);
      expect(await errorOf(request)).toMatchObject({
        name: kind,
        message: expect.stringMatching(message) as string,
      });
      expect(await left(request.token)).toEqual([]);
    });
  }

  it('says which region or bucket is wrong', async () => {
    const { lake } = harness;
    const exporting = { exports: harness.postgres.source.exports, lake };
    const elsewhere = new RdsExportExtractor({ ...exporting, region: 'us-east-1' });
    expect((await errorOf(aRequest([ORDERS]), elsewhere))?.message).toMatch(
      /must be in one region, and 'region' of the extractor \('us-east-1'\)/,
    );
    const noBucket = await harness.postgres.source.exports
      .write(
        {
          ...aRequest([]),
          table: ORDERS,
          to: { bucket: 'none', prefix: 'exports/t/', region: 'eu-central-1' },
        },
        never(),
      )
      .catch((error: unknown) => error);
    expect(noBucket).toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(/There is no bucket 'none'\. Create it/) as string,
    });
  });

  it('says of a PostgreSQL without the extension whether it could have it, and of a user without rights what to grant', async () => {
    const other = await openPostgres();
    const folder = await mkdtemp(join(tmpdir(), 'extensions-'));
    const role = `exporter_${other.options.database.slice(-12)}`;
    const as = (database: PostgresSourceOptions) =>
      new RdsExportExtractor({
        exports: new PostgresSource(database).exports,
        lake: harness.lake,
        region: 'eu-central-1',
      });
    const said = async (database: PostgresSourceOptions) =>
      (await errorOf(aRequest([ORDERS]), as(database)))?.message;
    try {
      expect(await said(other.options)).toMatch(/is no RDS and no Aurora.*Take 'extractor' out/);
      // A server from 18 on is told where else extensions are.
      if ((await other.sql(`SELECT 1 FROM pg_settings WHERE name = 'extension_control_path'`)).length) {
        await chmod(folder, 0o755); // the server is another user
        await mkdir(join(folder, 'extension'));
        await writeFile(join(folder, 'extension', 'aws_s3.control'), `default_version = '1.2'\n`);
        await other.sql(
          `ALTER DATABASE ${other.options.database} SET extension_control_path = '${folder}:$system'`,
        );
        expect(await said(other.options)).toMatch(
          /aws_s3 is not in database 'source_\w+'.*CREATE EXTENSION aws_s3 CASCADE; GRANT USAGE ON SCHEMA/,
        );
      }
      await harness.postgres.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT SELECT ON orders TO ${role}`);
      expect(await said({ ...harness.postgres.options, user: role, password: 'x' })).toMatch(
        new RegExp(
          `user ${role} may not use the extension aws_s3.*GRANT USAGE ON SCHEMA aws_s3, aws_commons TO ${role}`,
        ),
      );
    } finally {
      await harness.postgres.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
      await other.close();
    }
  });
}

const PLACE = { pipeline: 'shop', domain: 'sales' };
const SESSIONS = `FROM pg_stat_activity WHERE application_name = 'sluice' AND datname = current_database()`;

function never(): AbortSignal {
  return new AbortController().signal;
}
