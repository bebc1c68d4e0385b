import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followRun } from '../../cli/follow-run.ts';
import { Output } from '../../cli/output.ts';
import { homeFolder } from '../../cli/embedded/home.ts';
import { wantMariaDb } from '../../cli/embedded/mariadb.ts';
import { openStack, type Stack } from '../../cli/embedded/stack.ts';
import { sourceAddress } from '../../cli/seeding.ts';
import { withSession, type Session } from '../../cli/session.ts';
import { startRun } from '../../operations/start-run.ts';
import { registry } from '../../pipelines/index.ts';
import { openWarehouse } from '../../profiles/open.ts';
import type { QueryResult } from '../../connectors/warehouse/port.ts';

const ROWS = 1_000_000; // more than any test has

/** A whole embedded stack in a folder of its own: the real PostgreSQL, Temporal, worker, DuckDB and dbt. */
export interface TestStack {
  readonly home: string;
  readonly session: Session;
  readonly source: string;
  readonly stack: Stack;
  /** @throws {TerminalError} with the run's failure */
  run(pipeline: string, interval: string): Promise<void>;
  sql(statement: string): Promise<QueryResult['rows']>;
  stop(): Promise<void>;
}

/** Sets SLUICE_HOME, so a test file has one stack at a time. */
export async function startTestStack(profile = 'embedded', { mysql = false } = {}): Promise<TestStack> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
  chmodSync(home, 0o755); // started by root, PostgreSQL runs as a user of its own
  process.env['SLUICE_HOME'] = home;
  if (mysql) wantMariaDb(homeFolder(process.env, profile));
  const stack = await openStack(profile, () => undefined);
  let close: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (close = resolve));
  const ready = new Promise<{ session: Session; ended: Promise<void> }>((resolve, reject) => {
    const ended = withSession({ profile, json: true }, new Output(true), (session) => {
      resolve({ session, ended });
      return closed;
    });
    ended.catch(reject);
  });
  const { session, ended } = await ready;
  return {
    home,
    session,
    stack,
    source: sourceAddress(session.profile, 'olist'),
    async run(pipeline, interval) {
      const handle = await startRun(session, registry, { pipeline, interval });
      await followRun(session, handle, new Output(true));
    },
    async sql(statement) {
      const warehouse = await openWarehouse(session.profile);
      try {
        return (await warehouse.query(statement, { limit: ROWS })).rows;
      } finally {
        await warehouse.close();
      }
    },
    async stop() {
      close();
      await ended;
      await stack.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    },
  };
}
