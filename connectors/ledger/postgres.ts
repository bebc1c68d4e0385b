import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { TerminalError, TransientError, messageOf } from '../../core/errors.ts';
import { tlsOptions, type PostgresTls } from '../postgres/tls.ts';
import type { Outcome, RunRef, Step } from '../../core/run.ts';
import type {
  AssetEvent,
  BackfillRecord,
  Ledger,
  LeaseHolder,
  NewRun,
  RunFilter,
  RunRecord,
  StepRecord,
} from './port.ts';
import { toBackfill, toRun, toStep, type BackfillRow, type RunRow, type StepRow } from './postgres-rows.ts';

export interface PostgresLedgerOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly ssl?: PostgresTls | undefined;
}

const MIGRATION_LOCK = 7_205_759; // any number that nobody else locks in this database
const MAX_ERROR = 8_000; // characters of an error message that are kept

/** The ledger in a PostgreSQL database of its own, `sluice`. */
export class PostgresLedger implements Ledger {
  readonly #pool: pg.Pool;
  readonly #options: PostgresLedgerOptions;

  constructor(options: PostgresLedgerOptions) {
    this.#options = options;
    this.#pool = new pg.Pool({
      ...options,
      ssl: options.ssl && tlsOptions(options.ssl),
      max: 8,
      application_name: 'sluice-ledger',
      connectionTimeoutMillis: 5_000,
    });
    this.#pool.on('error', () => undefined); // an idle connection that breaks is replaced at the next query
  }

  /** Brings the database to the newest version. May be called again, and by several processes at once. */
  async migrate(): Promise<void> {
    const client = await this.#connect();
    try {
      await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
      await runner({
        dbClient: client,
        dir: join(import.meta.dirname, 'migrations'),
        direction: 'up',
        migrationsTable: 'migrations',
        noLock: true,
        log: () => undefined,
      });
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
      client.release();
    }
  }

  async openRun(run: NewRun): Promise<LeaseHolder | undefined> {
    const client = await this.#connect();
    try {
      await client.query('BEGIN');
      const lease = await client.query<{ run_id: string; workflow_id: string }>(
        `INSERT INTO leases (pipeline, interval_start, interval_end, run_id, workflow_id) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (pipeline, interval_start, interval_end) DO UPDATE SET pipeline = excluded.pipeline
         RETURNING run_id, workflow_id`,
        [run.pipeline, run.interval.start, run.interval.end, run.runId, run.workflowId],
      );
      const holder = lease.rows[0];
      if (holder && holder.run_id !== run.runId) {
        await client.query('ROLLBACK');
        return { runId: holder.run_id, workflowId: holder.workflow_id };
      }
      await client.query(
        `INSERT INTO runs (run_id, workflow_id, pipeline, interval_start, interval_end, kind, backfill_id, code_version, input, definition)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (run_id) DO NOTHING`,
        [
          run.runId,
          run.workflowId,
          run.pipeline,
          run.interval.start,
          run.interval.end,
          run.kind,
          run.backfillId,
          run.codeVersion,
          JSON.stringify(run.input),
          JSON.stringify(run.definition),
        ],
      );
      await client.query('COMMIT');
      return undefined;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw this.#translate(error);
    } finally {
      client.release();
    }
  }

  async evict(holder: LeaseHolder, reason: string): Promise<void> {
    await this.closeRun(holder.runId, 'failed', reason);
    await this.#query('DELETE FROM leases WHERE run_id = $1', [holder.runId]);
  }

  async closeRun(runId: string, outcome: Exclude<Outcome, 'running'>, error: string | null): Promise<void> {
    await this.#query(
      `WITH run AS (
         UPDATE runs SET outcome = $2, error = $3, finished_at = now() WHERE run_id = $1 AND outcome = 'running'
       ), step AS (
         UPDATE steps SET outcome = CASE WHEN $2 = 'cancelled' THEN 'cancelled' ELSE 'failed' END, finished_at = now(),
           error = coalesce(error, 'The run ended before this step reported back.')
         WHERE run_id = $1 AND outcome = 'running'
       )
       DELETE FROM leases WHERE run_id = $1`,
      [runId, outcome, error?.slice(0, MAX_ERROR) ?? null],
    );
  }

  async startStep(runId: string, step: Step, table: string | null, attempt: number): Promise<void> {
    await this.#query(
      `INSERT INTO steps (run_id, step, table_name, attempt) VALUES ($1, $2, $3, $4)
       ON CONFLICT (run_id, step, table_name) DO UPDATE SET attempt = excluded.attempt, outcome = 'running', finished_at = NULL, error = NULL
       WHERE steps.attempt <= excluded.attempt`,
      [runId, step, table ?? '', attempt],
      'start-step',
    );
  }

  async finishStep(
    runId: string,
    step: Step,
    table: string | null,
    attempt: number,
    end: Parameters<Ledger['finishStep']>[4],
  ): Promise<void> {
    const failed = 'error' in end;
    await this.#query(
      `UPDATE steps SET outcome = $4, result = $5, rows = $6, bytes = $7, error = $8, finished_at = now()
       WHERE run_id = $1 AND step = $2 AND table_name = $3 AND attempt = $9 AND outcome = 'running'`,
      [
        runId,
        step,
        table ?? '',
        failed ? end.outcome : 'succeeded',
        failed ? null : JSON.stringify(end.result),
        failed ? null : end.rows,
        failed ? null : end.bytes,
        failed ? end.error.slice(0, MAX_ERROR) : null,
        attempt,
      ],
      'finish-step',
    );
  }

  async runs(filter: RunFilter): Promise<RunRecord[]> {
    const rows = await this.#query<RunRow>(
      `SELECT run_id, workflow_id, pipeline, interval_start, interval_end, kind, backfill_id, outcome, started_at, finished_at, error, input
       FROM runs
       WHERE ($1::text IS NULL OR pipeline = $1)
         AND ($2::timestamptz IS NULL OR (interval_start = $2 AND interval_end = $3))
         AND ($4::timestamptz IS NULL OR (interval_start < $5 AND interval_end > $4))
         AND ($6::text[] IS NULL OR outcome = ANY ($6))
         AND ($7::text IS NULL OR run_id = $7 OR workflow_id = $7)
       ORDER BY started_at DESC LIMIT $8`,
      [
        filter.pipeline ?? null,
        filter.interval?.start ?? null,
        filter.interval?.end ?? null,
        filter.overlapping?.start ?? null,
        filter.overlapping?.end ?? null,
        filter.outcomes ?? null,
        filter.id ?? null,
        filter.limit ?? null,
      ],
    );
    return rows.map(toRun);
  }

  async steps(runIds: readonly string[]): Promise<StepRecord[]> {
    const rows = await this.#query<StepRow>(
      'SELECT * FROM steps WHERE run_id = ANY ($1) ORDER BY started_at',
      [runIds],
    );
    return rows.map(toStep);
  }

  async openBackfill(backfill: Parameters<Ledger['openBackfill']>[0]): Promise<void> {
    await this.#query(
      `INSERT INTO backfills (backfill_id, pipeline, range_start, range_end, request, total) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (backfill_id) DO UPDATE SET range_start = $3, range_end = $4, request = $5, total = $6,
         succeeded = 0, failed = 0, outcome = 'running', started_at = now(), finished_at = NULL`,
      [
        backfill.backfillId,
        backfill.pipeline,
        backfill.range.start,
        backfill.range.end,
        JSON.stringify(backfill.request),
        backfill.total,
      ],
    );
  }

  async updateBackfill(backfillId: string, state: Parameters<Ledger['updateBackfill']>[1]): Promise<void> {
    await this.#query(
      `UPDATE backfills SET succeeded = $2, failed = $3, outcome = $4, finished_at = CASE WHEN $4 = 'running' THEN NULL ELSE now() END
       WHERE backfill_id = $1 AND ($4 <> 'running' OR outcome = 'running')`,
      [backfillId, state.succeeded, state.failed, state.outcome],
    );
  }

  async backfills(pipeline?: string): Promise<BackfillRecord[]> {
    const rows = await this.#query<BackfillRow>(
      'SELECT * FROM backfills WHERE $1::text IS NULL OR pipeline = $1 ORDER BY started_at DESC LIMIT 100',
      [pipeline ?? null],
    );
    return rows.map(toBackfill);
  }

  async publish(run: RunRef, events: readonly AssetEvent[]): Promise<void> {
    await this.#query(
      `INSERT INTO asset_events (asset, run_id, interval_start, interval_end, rows)
       SELECT asset, $1, $2, $3, rows FROM unnest($4::text[], $5::bigint[]) AS event (asset, rows)
       ON CONFLICT (asset, run_id) DO NOTHING`,
      [
        run.runId,
        run.interval.start,
        run.interval.end,
        events.map((event) => event.asset),
        events.map((event) => event.rows),
      ],
    );
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw this.#translate(error);
    }
  }

  async #query<Row extends pg.QueryResultRow>(
    text: string,
    values: unknown[],
    name?: string,
  ): Promise<Row[]> {
    try {
      const result = await this.#pool.query<Row>(
        name === undefined ? { text, values } : { text, values, name },
      );
      return result.rows;
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #translate(error: unknown): TerminalError | TransientError {
    const place = `The ledger (database '${this.#options.database}' at ${this.#options.host}:${this.#options.port})`;
    const code = (error as { code?: string }).code ?? '';
    if (code === '28P01' || code === '28000') {
      return new TerminalError(
        `${place} refused user '${this.#options.user}'. Correct 'ledger' in the profile.`,
        { cause: error },
      );
    }
    if (code === '3D000')
      return new TerminalError(`${place} does not exist. Create it, then start again.`, { cause: error });
    if (code === '42P01') {
      return new TerminalError(`${place} has no tables yet. Run 'sluice deploy' to set it up.`, {
        cause: error,
      });
    }
    // An UPDATE or INSERT that the server understood and refused is a defect of ours; anything else is the connection.
    const refused = /^(22|23|42)/.test(code);
    const message = `${place}: ${messageOf(error) || code}. Check that the server is up and reachable.`;
    return refused
      ? new TerminalError(message, { cause: error })
      : new TransientError(message, { cause: error });
  }
}
