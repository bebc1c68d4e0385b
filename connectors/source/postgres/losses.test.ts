import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGate, type Gate } from '../../../test/setup/gate.ts';
import { TerminalError, Unreachable } from '../../../core/errors.ts';
import { aTable } from '../conformance/suite.ts';
import { openPostgres, type PostgresHarness } from './harness.ts';
import { translate } from './errors.ts';
import { PostgresSource } from './source.ts';
import { temporaryFolder } from '../../../test/setup/folder.ts';

const INTERVAL = { start: '2024-03-01T00:00:00Z', end: '2024-03-02T00:00:00Z' };
const LOCK = 4_712; // advisory; who holds it keeps a view's rows back

let harness: PostgresHarness;
let gate: Gate;

beforeAll(async () => {
  harness = await openPostgres();
  gate = await openGate(harness.options);
  await harness.sql(`CREATE TABLE plain AS SELECT n AS id FROM generate_series(1, 100) AS n`);
  await harness.sql(`CREATE FUNCTION held(n int) RETURNS int LANGUAGE plpgsql VOLATILE AS
    'BEGIN IF n = 50 THEN PERFORM pg_advisory_xact_lock_shared(${LOCK}); END IF; RETURN n; END'`);
  await harness.sql(`CREATE VIEW rows_held AS SELECT held(id) AS id FROM plain`);
});
afterAll(async () => {
  await gate.close();
  await harness.close();
});

const extract = async (from: string, change: Partial<PostgresHarness['options']> = {}): Promise<unknown> => {
  const source = new PostgresSource({ ...harness.options, port: gate.port, ...change });
  const directory = temporaryFolder('losses');
  try {
    return await source
      .extract(
        {
          table: aTable({ from, extract: { mode: 'snapshot' } }),
          interval: INTERVAL,
          directory,
        },
        AbortSignal.timeout(60_000),
      )
      .catch((error: unknown) => error);
  } finally {
    await source.close();
  }
};

const blocked = (how: string) =>
  expect
    .poll(
      async () =>
        harness.sql(
          `SELECT 1 FROM pg_stat_activity WHERE application_name = 'sluice' AND datname = current_database() AND wait_event_type = 'Lock' AND wait_event = '${how}'`,
        ),
      { timeout: 30_000 },
    )
    .not.toEqual([]);

/** What the extraction waits at: in its first session, before the snapshot; or while rows flow through DuckDB. */
const STAGES: Readonly<
  Record<string, { readonly from: string; readonly hold: string; readonly wait: string }>
> = {
  'before the snapshot': {
    from: 'plain',
    hold: 'LOCK TABLE plain IN ACCESS EXCLUSIVE MODE',
    wait: 'relation',
  },
  'while rows flow': { from: 'rows_held', hold: `SELECT pg_advisory_xact_lock(${LOCK})`, wait: 'advisory' },
};

const LOSSES: Readonly<Record<string, () => Promise<unknown>>> = {
  'an administrator ends the session': () =>
    harness.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluice' AND datname = current_database()`,
    ),
  'the connection is reset': async () => {
    await gate.cut();
    await gate.open();
  },
};

describe('a loss is told as one that passes', { timeout: 90_000 }, () => {
  for (const [stage, { from, hold, wait }] of Object.entries(STAGES)) {
    it.each(Object.entries(LOSSES))(`${stage}: %s`, async (_, lose) => {
      const holder = await harness.session();
      await holder.query(`BEGIN; ${hold}`);
      const failure = extract(from);
      await blocked(wait);
      await lose();
      await holder.query('ROLLBACK');
      expect(await failure).toBeInstanceOf(Unreachable);
      expect(await harness.sessions()).toBe(0);
    });
  }

  it('at the start: the server refuses, has no name, or has no connection to spare', async () => {
    await gate.cut();
    expect(await extract('plain')).toBeInstanceOf(Unreachable);
    await gate.open();
    expect(await extract('plain', { host: 'nobody.invalid' })).toBeInstanceOf(Unreachable);
    await harness.sql(`CREATE ROLE crowded LOGIN PASSWORD 'crowded' CONNECTION LIMIT 0`);
    expect(await extract('plain', { user: 'crowded', password: 'crowded' })).toBeInstanceOf(Unreachable);
  });

  it('the server says nothing any more', async () => {
    gate.hang();
    const failure = await extract('plain');
    await gate.cut();
    await gate.open();
    expect(failure).toBeInstanceOf(Unreachable);
  });
});

const subject = { connection: 'shop', address: 'me@db:5432/shop', password: 'hunter2' };

it.each([
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '08006',
  '08001',
  '40001',
  '40P01',
  '58030',
  'ECONNRESET',
  'EAI_AGAIN',
])('SQLSTATE or errno %s is a loss', (code) => {
  expect(translate(Object.assign(new Error('no'), { code }), subject)).toBeInstanceOf(Unreachable);
});

// As `pg`, libpq and DuckDB word them, where they give no code.
it.each([
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout expired',
  'IO Error: Failed to fetch data: SSL SYSCALL error: EOF detected\nserver closed the connection unexpectedly',
  'FATAL:  the database system is in recovery mode',
  'FATAL:  the database system is not yet accepting connections',
  'FATAL:  sorry, too many clients already',
  'FATAL:  terminating connection due to administrator command',
])('"%s" is a loss', (text) => {
  expect(translate(new Error(text), subject)).toBeInstanceOf(Unreachable);
});

it.each(['22012', '42703', '42883', '0A000', '23505'])('SQLSTATE %s is no loss: it comes again', (code) => {
  expect(translate(Object.assign(new Error('no'), { code }), subject)).toBeInstanceOf(TerminalError);
});
