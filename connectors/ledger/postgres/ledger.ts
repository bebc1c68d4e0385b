import type { ClaimedFile } from '../../../core/arrived-file.ts';
import type { PlannedRun } from '../../../core/backfill.ts';
import type { Gap } from '../../../core/coverage.ts';
import type { DurationText } from '../../../core/duration.ts';
import type { DataInterval, Instant } from '../../../core/interval.ts';
import type { BuiltModels } from '../../../core/lineage/models.ts';
import type { OpenIncident } from '../../../core/notices/incidents.ts';
import type { Outcome, RunRef, SkippedStep } from '../../../core/run.ts';
import type {
  Action,
  ActionRecord,
  AssetEvent,
  AttemptRecord,
  BackfillRecord,
  FailedInterval,
  Ledger,
  LeaseHolder,
  NewestBuild,
  NextInLine,
  PastLoad,
  PlaceAnswer,
  PlaceRecord,
  PlaceRequest,
  NewBackfill,
  NewRun,
  RunFilter,
  RunRecord,
  StepCount,
  StepMark,
  StepRecord,
  ToldOfRun,
  WaitingStep,
} from '../port.ts';
import type { ClaimRequest, Claims, Look, WaitingBatches } from '../claims.ts';
import type { ToldIncident, UntoldNotice } from '../incidents.ts';
import type { ModelsRecord } from '../models.ts';
import * as actions from './actions.ts';
import * as backfills from './backfills.ts';
import * as claims from './claims.ts';
import { closeRun } from './close-run.ts';
import * as coverage from './coverage.ts';
import * as incidents from './incidents.ts';
import { LedgerDatabase, type LedgerDatabaseOptions } from './database.ts';
import { migrate } from './migrate.ts';
import * as looks from './looks.ts';
import * as models from './models.ts';
import { takeLease } from './leases.ts';
import * as pools from './pools.ts';
import { MAX_ERROR, RUN_COLUMNS, toRun, type RunRow } from './rows.ts';
import * as steps from './steps.ts';

export interface PostgresLedgerOptions extends LedgerDatabaseOptions {
  /** How long after a run's end its attempts stay; absent: for ever. */
  readonly keepAttempts?: DurationText;
}

/** The ledger in a PostgreSQL database of its own, `sluice`. */
export class PostgresLedger implements Ledger {
  readonly #database: LedgerDatabase;
  readonly #keepAttempts: DurationText | undefined;

  constructor({ keepAttempts, ...options }: PostgresLedgerOptions) {
    this.#database = new LedgerDatabase(options);
    this.#keepAttempts = keepAttempts;
  }

  /** Brings the database to the newest version. May be called again, and by several processes at once. */
  async migrate(): Promise<void> {
    await migrate(this.#database);
  }

  async openRun(run: NewRun): Promise<LeaseHolder | undefined> {
    return this.#database.transaction(async (query) => {
      const holder = await takeLease(query, run);
      if (holder) return holder;
      if (run.takesFiles) await claims.takeBatches(query, run);
      await query(
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
      return undefined;
    });
  }

  async evict({ runId }: LeaseHolder, reason: string, tells?: ToldOfRun): Promise<boolean> {
    return this.#database.transaction(async (query) => {
      const wasOpen = await closeRun(query, runId, 'failed', reason, [], 'its work may go on');
      const [row] = await query<RunRow>(`SELECT ${RUN_COLUMNS} FROM runs WHERE run_id = $1`, [runId]);
      if (wasOpen && row && tells) {
        const run = toRun(row);
        const its = await steps.steps(query, [runId]);
        await incidents.changeIncidents(query, run.pipeline, (open) => tells(run, its, open));
      }
      return wasOpen;
    });
  }

  async closeRun(
    runId: string,
    outcome: Exclude<Outcome, 'running'>,
    error: string | null,
    skipped: readonly SkippedStep[] = [],
  ): Promise<void> {
    await closeRun(this.#database.query, runId, outcome, error, skipped, 'its work has ended');
  }

  async startStep(...step: Parameters<Ledger['startStep']>): Promise<void> {
    await steps.startStep(this.#database.query, ...step);
  }

  async finishStep(...step: Parameters<Ledger['finishStep']>): Promise<void> {
    await steps.finishStep(this.#database.query, ...step);
  }

  async skipStep(...skipped: Parameters<Ledger['skipStep']>): Promise<void> {
    await steps.skipStep(this.#database.query, ...skipped);
  }

  async writeLog(...step: Parameters<Ledger['writeLog']>): Promise<void> {
    await steps.writeLog(this.#database.query, ...step);
  }

  async addToLog(...step: Parameters<Ledger['addToLog']>): Promise<void> {
    await steps.addToLog(this.#database.query, ...step);
  }

  async runs(filter: RunFilter): Promise<RunRecord[]> {
    const rows = await this.#database.query<RunRow>(
      `SELECT ${RUN_COLUMNS} FROM runs
       WHERE ($1::text IS NULL OR pipeline = $1)
         AND ($2::timestamptz IS NULL OR (interval_start = $2 AND interval_end = $3))
         AND ($4::timestamptz IS NULL OR (interval_start < $5 AND interval_end > $4))
         AND ($6::text[] IS NULL OR outcome = ANY ($6))
         AND ($9::timestamptz IS NULL OR interval_start = $9)
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
        filter.startingAt ?? null,
      ],
    );
    return rows.map(toRun);
  }

  async definition(runId: string): Promise<unknown> {
    const [run] = await this.#database.query<{ definition: unknown }>(
      'SELECT definition FROM runs WHERE run_id = $1',
      [runId],
    );
    return run?.definition;
  }

  async steps(runIds: readonly string[]): Promise<StepRecord[]> {
    return steps.steps(this.#database.query, runIds);
  }

  async forgetAttempts(): Promise<void> {
    if (this.#keepAttempts) await steps.forgetAttempts(this.#database.query, this.#keepAttempts);
  }

  async attempts(runId: string): Promise<AttemptRecord[]> {
    return steps.attempts(this.#database.query, runId);
  }

  async missing(pipeline: string, tables: readonly string[], span: DataInterval): Promise<Gap[]> {
    return coverage.missing(this.#database.query, pipeline, tables, span);
  }

  async missingOf(pipeline: string, tables: readonly string[], span: DataInterval): Promise<Gap[]> {
    return coverage.missingOf(this.#database.query, pipeline, tables, span);
  }

  async unfinished(pipeline: string, span: DataInterval): Promise<boolean> {
    return backfills.unfinished(this.#database.query, pipeline, span);
  }

  async failed(pipeline: string, tables: readonly string[], span: DataInterval): Promise<DataInterval[]> {
    return coverage.failed(this.#database.query, pipeline, tables, span);
  }

  async loadedUpTo(pipeline: string, tables: readonly string[]): Promise<Record<string, Instant>> {
    return coverage.loadedUpTo(this.#database.query, pipeline, tables);
  }

  async loadsBefore(...asked: Parameters<Ledger['loadsBefore']>): Promise<PastLoad[]> {
    return coverage.loadsBefore(this.#database.query, ...asked);
  }

  async doneUpTo(...asked: Parameters<Ledger['doneUpTo']>): Promise<Instant | undefined> {
    return coverage.doneUpTo(this.#database.query, ...asked);
  }

  async newestIntervals(pipeline: string, limit: number, before?: Instant): Promise<RunRecord[]> {
    return coverage.newestIntervals(this.#database.query, pipeline, limit, before);
  }

  async stepCounts(runIds: readonly string[]): Promise<StepCount[]> {
    return looks.stepCounts(this.#database.query, runIds);
  }

  async stepMarks(...of: Parameters<Ledger['stepMarks']>): Promise<StepMark[]> {
    return looks.stepMarks(this.#database.query, ...of);
  }

  async newestBuild(pipeline: string): Promise<NewestBuild | undefined> {
    return looks.newestBuild(this.#database.query, pipeline);
  }

  async waiting(limit: number, begins?: string): Promise<WaitingStep[]> {
    return looks.waiting(this.#database.query, limit, begins);
  }

  async stamp(pipelines: readonly string[]): Promise<string> {
    return looks.stamp(this.#database.query, pipelines);
  }

  async openBackfill(backfill: NewBackfill): Promise<number> {
    return backfills.openBackfill(this.#database, backfill);
  }

  async plannedIntervals(backfillId: string, from: number, limit: number): Promise<PlannedRun[]> {
    return backfills.plannedIntervals(this.#database.query, backfillId, from, limit);
  }

  async endInterval(
    backfillId: string,
    n: number,
    outcome: Exclude<Outcome, 'running'>,
    error: string | null,
  ): Promise<void> {
    const kept = error?.slice(0, MAX_ERROR) ?? null;
    await backfills.endInterval(this.#database.query, backfillId, n, outcome, kept);
  }

  async updateBackfill(...state: Parameters<Ledger['updateBackfill']>): Promise<void> {
    await backfills.updateBackfill(this.#database.query, ...state);
  }

  async backfills(filter?: Parameters<Ledger['backfills']>[0]): Promise<BackfillRecord[]> {
    return backfills.backfills(this.#database.query, filter);
  }

  async failedIntervals(backfillId: string, limit: number): Promise<FailedInterval[]> {
    return backfills.failedIntervals(this.#database.query, backfillId, limit);
  }

  async claimFiles(request: ClaimRequest): Promise<Claims> {
    return this.#database.transaction((query) => claims.claimFiles(query, request));
  }

  async claimed(pipeline: string, interval: DataInterval): Promise<ClaimedFile[]> {
    return claims.claimed(this.#database.query, pipeline, interval);
  }

  async batches(pipeline: string, span: DataInterval): Promise<DataInterval[]> {
    return claims.batches(this.#database.query, pipeline, span);
  }

  async waitingBatches(pipeline: string, limit: number): Promise<WaitingBatches> {
    return claims.waitingBatches(this.#database.query, pipeline, limit);
  }

  async takenBy(pipeline: string, interval: DataInterval): Promise<string | undefined> {
    return claims.takenBy(this.#database.query, pipeline, interval);
  }

  async passOver(pipeline: string, interval: DataInterval, files: readonly ClaimedFile[]): Promise<void> {
    await claims.passOver(this.#database.query, pipeline, interval, files);
  }

  async recordLook(pipeline: string, look: Pick<Look, 'unclaimed' | 'problem'>): Promise<void> {
    await claims.recordLook(this.#database.query, pipeline, look);
  }

  async lastLook(pipeline: string): Promise<Look | undefined> {
    return claims.lastLook(this.#database.query, pipeline);
  }

  async takePlace(request: PlaceRequest): Promise<PlaceAnswer> {
    return this.#database.transaction((query) => pools.takePlace(query, request));
  }

  async leavePool(place: Parameters<Ledger['leavePool']>[0]): Promise<NextInLine | undefined> {
    return this.#database.transaction((query) => pools.leavePool(query, place));
  }

  async losePlace(...place: Parameters<Ledger['losePlace']>): Promise<void> {
    await pools.losePlace(this.#database.query, ...place);
  }

  async places(): Promise<PlaceRecord[]> {
    return pools.places(this.#database.query);
  }

  async recordAction(action: Action): Promise<void> {
    await actions.recordAction(this.#database.query, action);
  }

  async actions(pipeline: string | undefined, limit: number): Promise<ActionRecord[]> {
    return actions.actions(this.#database.query, pipeline, limit);
  }

  async changeIncidents(...of: Parameters<Ledger['changeIncidents']>): Promise<void> {
    await this.#database.transaction((query) => incidents.changeIncidents(query, ...of));
  }

  async recordModels(run: Pick<RunRef, 'pipeline' | 'runId'>, built: BuiltModels): Promise<void> {
    await models.recordModels(this.#database.query, run, built);
  }

  async models(pipeline: string): Promise<ModelsRecord | undefined> {
    return models.models(this.#database.query, pipeline);
  }

  async toldIncidents(): Promise<ToldIncident[]> {
    return incidents.toldIncidents(this.#database.query);
  }

  async openIncidents(): Promise<Map<string, OpenIncident[]>> {
    return incidents.openIncidents(this.#database.query);
  }

  async forgetIncidents(): Promise<void> {
    await incidents.forgetIncidents(this.#database.query);
  }

  async takeNotice(
    ...[receiver, about]: Parameters<Ledger['takeNotice']>
  ): Promise<UntoldNotice | undefined> {
    return incidents.takeNotice(this.#database.query, receiver, about);
  }

  async leaveNotice(...left: Parameters<Ledger['leaveNotice']>): Promise<void> {
    await incidents.leaveNotice(this.#database.query, ...left);
  }

  async publish(run: RunRef, events: readonly AssetEvent[]): Promise<void> {
    await this.#database.query(
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
    await this.#database.close();
  }
}
