import type { ClaimedFile } from '../../core/arrived-file.ts';
import type { PlannedRun } from '../../core/backfill.ts';
import type { Gap } from '../../core/coverage.ts';
import type { DataInterval, Instant } from '../../core/interval.ts';
import type { IncidentChanges, OpenIncident } from '../../core/notices/incidents.ts';
import type { Incidents, ToldIncident } from './incidents.ts';
import type { Models, ModelsRecord } from './models.ts';
import type { NextInLine, PlaceAnswer, PlaceRecord, PlaceRequest, Places } from './places.ts';
import type { ResolvedPipeline } from '../../core/pipeline.ts';
import type {
  NewestRow,
  Outcome,
  RunKind,
  RunRef,
  SkippedStep,
  Step,
  StepEnd,
  StepOutcome,
} from '../../core/run.ts';
import type { BackfillRequest, RunPipelineInput } from '../../core/run-input.ts';
import type { ClaimRequest, Claims, Look, WaitingBatches } from './claims.ts';

export type { Look, ModelsRecord, NextInLine, PlaceAnswer, PlaceRecord, PlaceRequest, ToldIncident };

export interface NewRun extends RunRef {
  readonly kind: RunKind;
  readonly backfillId: string | null;
  readonly codeVersion: string;
  readonly input: RunPipelineInput;
  readonly definition: ResolvedPipeline;
  /** It reads all that has arrived in its interval, so nothing else need run the batches that lie in it. */
  readonly takesFiles?: boolean;
}

export interface RunRecord extends RunRef {
  readonly kind: RunKind;
  readonly backfillId: string | null;
  readonly outcome: Outcome;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly error: string | null;
  readonly input: RunPipelineInput;
}

export interface StepRecord {
  readonly runId: string;
  readonly step: Step;
  /** Or task. */
  readonly table: string | null;
  readonly outcome: StepOutcome;
  readonly attempt: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly rows: number | null;
  readonly bytes: number | null;
  /** What the step gave; of one that failed, what is known of its parts; of one that waits, `{ waitingFor }` in words. */
  readonly result: unknown;
  /** Why it failed, or was skipped. */
  readonly error: string | null;
}

/** One attempt of a step. */
export interface AttemptRecord {
  readonly step: Step;
  /** Or task. */
  readonly table: string | null;
  readonly attempt: number;
  readonly outcome: Exclude<StepOutcome, 'skipped'>;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly error: string | null;
  /** Of one that failed: what is known of its parts. */
  readonly detail: unknown;
  /** The last lines that it wrote, each with its time before it. */
  readonly log: readonly string[];
}

/** What somebody has done, and to what. */
export interface Action {
  /** A person: the user of the command line, or whom an answer names. */
  readonly actor: string;
  readonly action:
    | 'run'
    | 'rerun'
    | 'backfill'
    | 'cancel'
    | 'concurrency'
    | 'pause'
    | 'resume'
    | 'approve'
    | 'reject'
    | 'skip'
    | 'drop-stream';
  /** Null where it is of none in particular. */
  readonly pipeline: string | null;
  /** The run, backfill, schedule, step or connection that it was done to. */
  readonly subject: string;
  readonly reason?: string | null;
  /** As it was asked for. */
  readonly input?: unknown;
}

export interface ActionRecord extends Action {
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface BackfillRecord {
  readonly backfillId: string;
  readonly pipeline: string;
  readonly range: DataInterval;
  readonly request: BackfillRequest;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly outcome: Outcome;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

export interface NewBackfill {
  readonly backfillId: string;
  /** The workflow execution that plans it. */
  readonly execution: string;
  readonly pipeline: string;
  readonly range: DataInterval;
  readonly request: BackfillRequest;
  /** In the order in which they are to run. */
  readonly intervals: readonly PlannedRun[];
}

/** How the steps of one kind in a run stand. */
export interface StepCount {
  readonly runId: string;
  readonly step: Step;
  readonly succeeded: number;
  /** Or cancelled. */
  readonly failed: number;
  readonly running: number;
  readonly skipped: number;
  /** Null where none says how many. */
  readonly rows: number | null;
  /** Steps that wait, with what for, in words. */
  readonly waiting: readonly string[];
}

/** Lines of an attempt of a step. */
export type LogLines = readonly [
  runId: string,
  step: Step,
  table: string | null,
  attempt: number,
  lines: readonly string[],
];

/** How one step of a run stands. */
export interface StepMark {
  readonly runId: string;
  /** Table or task; null for a step of the whole run. */
  readonly table: string | null;
  readonly outcome: StepOutcome;
}

/** How the models of a pipeline were built last. */
export interface NewestBuild {
  readonly runId: string;
  readonly outcome: StepOutcome;
}

/** A step of a run under way that waits, and for what in words. */
export interface WaitingStep extends Omit<RunRef, 'patience'> {
  readonly step: Step;
  /** Or task. */
  readonly table: string | null;
  readonly since: string;
  readonly waitingFor: string;
}

/** An interval of a backfill that did not succeed. */
export interface FailedInterval {
  readonly interval: DataInterval;
  readonly outcome: Exclude<Outcome, 'running' | 'succeeded'>;
  readonly error: string | null;
}

/** A load that succeeded, of the past. */
export interface PastLoad {
  readonly interval: DataInterval;
  readonly rows: number;
  /** The table was not there before it. */
  readonly madeTarget: boolean;
  /** Absent where it has no rows by time, and of loads by versions that did not keep it. */
  readonly newest?: NewestRow;
}

export interface LeaseHolder {
  readonly runId: string;
  readonly workflowId: string;
}

/** What has changed for a pipeline by the end of a run of it. */
export type ToldOfRun = (
  run: RunRecord,
  steps: readonly StepRecord[],
  open: readonly OpenIncident[],
) => IncidentChanges;

export interface AssetEvent {
  /** `raw_olist.orders` */
  readonly asset: string;
  readonly rows: number | null;
}

/**
 * What happened: runs, their steps, backfills, published assets. Status, re-runs and backfill filters read it.
 * Every write may be repeated with the same arguments.
 */
export interface Ledger extends Incidents, Models, Places {
  /**
   * Takes the interval's lease for this run and records the run, in one transaction. A lease covers all that overlaps it: two
   * runs of a pipeline that bring rows by interval never share a moment. A run that brings none (only tables that are the same
   * whatever the interval) is in nobody's way but that of a run over the very same interval.
   * @returns the oldest of the holders, and nothing recorded, when others have leases that are in the way
   */
  openRun(run: NewRun): Promise<LeaseHolder | undefined>;
  /**
   * Gives a lease up on behalf of a run that can no longer do so, records that run as failed with `reason` and, where it was open, what
   * people are to hear of that: all or nothing.
   * @param tells as `changeIncidents` has it, of the run as it is then
   * @returns whether it was open
   */
  evict(holder: LeaseHolder, reason: string, tells?: ToldOfRun): Promise<boolean>;
  /** Records the outcome and the steps that were left out, ends steps still marked as running, gives up the lease and places in pools. */
  closeRun(
    runId: string,
    outcome: Exclude<Outcome, 'running'>,
    error: string | null,
    skipped?: readonly SkippedStep[],
  ): Promise<void>;
  /** @param waitingFor in words, of a step that only waits */
  startStep(
    runId: string,
    step: Step,
    table: string | null,
    attempt: number,
    waitingFor?: string,
  ): Promise<void>;
  /** Records how an attempt ended, unless a later attempt has begun or the run is closed: a zombie's word does not count. */
  finishStep(
    runId: string,
    step: Step,
    table: string | null,
    attempt: number,
    end:
      | StepEnd
      | { readonly error: string; readonly outcome: 'failed' | 'cancelled'; readonly detail?: unknown },
  ): Promise<void>;
  /** Records at once that a step of a run under way is left out, and why; an attempt of it that ends later changes nothing. */
  skipStep(runId: string, skipped: SkippedStep): Promise<void>;
  /** Puts down the last lines that an attempt wrote, in the place of those of before. */
  writeLog(...lines: LogLines): Promise<void>;
  /** Puts lines down behind those that an attempt has written so far; the last 200 are kept. Repeated, they stand there twice. */
  addToLog(...lines: LogLines): Promise<void>;
  /** Runs of a pipeline, newest first; of one interval, of some outcomes, or one by its run or workflow id where given. */
  runs(filter: RunFilter): Promise<RunRecord[]>;
  /** The definition that a run was opened with, as it is after JSON; undefined while it is not. */
  definition(runId: string): Promise<unknown>;
  steps(runIds: readonly string[]): Promise<StepRecord[]>;
  /** Removes attempts, with the ends of their logs, that are older than the ledger keeps them; how their steps ended stays. */
  forgetAttempts(): Promise<void>;
  /** Every attempt of a run's steps, oldest first. */
  attempts(runId: string): Promise<AttemptRecord[]>;
  /** By kind, of some runs: as small for a thousand tables as for one. */
  stepCounts(runIds: readonly string[]): Promise<StepCount[]>;
  /** Of each step of one kind in some runs, by table; those of the first `most` tables by name. */
  stepMarks(runIds: readonly string[], step: Step, most: number): Promise<StepMark[]>;
  /** The step `transform` of a pipeline that began last, of whichever interval; undefined where none ever has. */
  newestBuild(pipeline: string): Promise<NewestBuild | undefined>;
  /** Steps that wait, of runs that are under way, oldest first; only those whose `waitingFor` begins so. */
  waiting(limit: number, begins?: string): Promise<WaitingStep[]>;
  /**
   * The newest run of each of the `limit` newest intervals, newest interval first. With `before`, of those that start before it.
   */
  newestIntervals(pipeline: string, limit: number, before?: Instant): Promise<RunRecord[]>;
  /**
   * Stretches of `span` that some of `tables` were never loaded for, oldest first, each with those tables. What counts is the
   * interval of every load that succeeded, whatever became of its run, since the load that made the table as it is. Of no tables:
   * stretches that no run has succeeded over, those not counted that left out the work of an interval.
   */
  missing(pipeline: string, tables: readonly string[], span: DataInterval): Promise<Gap[]>;
  /** As `missing`, each table for itself: as many as they have stretches. */
  missingOf(pipeline: string, tables: readonly string[], span: DataInterval): Promise<Gap[]>;
  /**
   * Stretches of `span` over which a run that was to bring all of `tables` failed or was cancelled, and no later one has
   * succeeded; oldest first.
   */
  failed(pipeline: string, tables: readonly string[], span: DataInterval): Promise<DataInterval[]>;
  /**
   * Whether a backfill that meets the span has failed or was cancelled, and no later one that meets it has succeeded; or its end left
   * out the models, and no later run over its range has built them.
   */
  unfinished(pipeline: string, span: DataInterval): Promise<boolean>;
  /** The greatest end of an interval that each of `tables`, as it is, was loaded for; without those that never were. */
  loadedUpTo(pipeline: string, tables: readonly string[]): Promise<Readonly<Record<string, Instant>>>;
  /**
   * The newest load of each interval of a table that ends within a span (after its start, up to its end), oldest first; of those since
   * the load that made the table as it is.
   */
  loadsBefore(
    pipeline: string,
    table: string,
    span: { readonly start: Date; readonly end: Date },
  ): Promise<PastLoad[]>;
  /** The greatest end of an interval that a run has succeeded over, as `missing` counts runs; undefined while none has. */
  doneUpTo(pipeline: string): Promise<Instant | undefined>;
  /**
   * Records a backfill and what it is to run. Begins anew where there is one of the same id that another execution has
   * planned; the plan of the same execution stands. @returns how many intervals the recorded plan has
   */
  openBackfill(backfill: NewBackfill): Promise<number>;
  /** The intervals of a backfill from the `from`-th on (counted from 0), at most `limit`. */
  plannedIntervals(backfillId: string, from: number, limit: number): Promise<PlannedRun[]>;
  /** Records how the `n`-th interval of a backfill ended, and counts it with the backfill; once. */
  endInterval(
    backfillId: string,
    n: number,
    outcome: Exclude<Outcome, 'running'>,
    error: string | null,
  ): Promise<void>;
  /** What arrives late, `running` after the end, changes nothing. */
  updateBackfill(
    backfillId: string,
    state: Pick<BackfillRecord, 'succeeded' | 'failed' | 'outcome'>,
  ): Promise<void>;
  /**
   * Claims the files of a listing that are new, in order of arrival, and makes batches of them, each with an interval that is its own.
   * Atomic; the same listing again claims nothing.
   */
  claimFiles(request: ClaimRequest): Promise<Claims>;
  /** The files of the batches that lie in an interval, in order of arrival, each name once. */
  claimed(pipeline: string, interval: DataInterval): Promise<ClaimedFile[]>;
  /** Intervals of the batches that lie in a span, oldest first. */
  batches(pipeline: string, span: DataInterval): Promise<DataInterval[]>;
  waitingBatches(pipeline: string, limit: number): Promise<WaitingBatches>;
  /** The run that first took the batch of this very interval; undefined while none has. */
  takenBy(pipeline: string, interval: DataInterval): Promise<string | undefined>;
  /** Notes that nothing was read of these files, which were claimed in an interval: they are new when they come again. */
  passOver(pipeline: string, interval: DataInterval, files: readonly ClaimedFile[]): Promise<void>;
  /** Takes the place of the look before. */
  recordLook(pipeline: string, look: Pick<Look, 'unclaimed' | 'problem'>): Promise<void>;
  lastLook(pipeline: string): Promise<Look | undefined>;
  /** Newest first; or the one of an id. @param filter.limit default 100 */
  backfills(filter?: {
    readonly pipeline?: string;
    readonly id?: string;
    readonly limit?: number;
  }): Promise<BackfillRecord[]>;
  /** In the order in which they run. */
  failedIntervals(backfillId: string, limit: number): Promise<FailedInterval[]>;
  /** Not idempotent: each word is one thing done. */
  recordAction(action: Action): Promise<void>;
  /** Newest first. */
  actions(pipeline: string | undefined, limit: number): Promise<ActionRecord[]>;
  /** A text that changes whenever a run of these pipelines, a step, a backfill, a place in a pool or what people did has changed. */
  stamp(pipelines: readonly string[]): Promise<string>;
  publish(run: RunRef, events: readonly AssetEvent[]): Promise<void>;
  close(): Promise<void>;
}

export interface RunFilter {
  readonly pipeline?: string;
  readonly interval?: DataInterval;
  /** Runs whose interval starts there, however long it is. */
  readonly startingAt?: Instant;
  /** Runs that share a moment with this span. */
  readonly overlapping?: DataInterval;
  readonly outcomes?: readonly Outcome[];
  /** A run id or a workflow id. */
  readonly id?: string;
  readonly limit?: number;
}
