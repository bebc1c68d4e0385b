import type { DataInterval, Instant } from '../interval.ts';
import type { Notice, Severity } from './notice.ts';

/** Something that people are told of once, when it begins, and once more when it is over. */
export interface Incident {
  readonly kind: 'run-failed' | 'run-warned' | 'stale' | 'deadline' | 'approval';
  /** Of a run the step, `''` where none is to blame; of staleness the severity; of a deadline the interval's start; of a question the run and its step. */
  readonly subject: string;
  /** The end of the interval that it began with; null where it is of none. */
  readonly upTo: Instant | null;
}

/** One that is not over. */
export interface OpenIncident extends Incident {
  readonly since: Instant;
}

/** What has begun, or lasts and reaches further now; what is over; and what people are to hear of it. */
export interface IncidentChanges {
  readonly open: readonly Incident[];
  readonly close: readonly Pick<Incident, 'kind' | 'subject'>[];
  readonly notices: readonly Notice[];
}

export const NOTHING_CHANGED: IncidentChanges = { open: [], close: [], notices: [] };

/** What a closed run says of a pipeline. */
export interface RunEnd {
  readonly outcome: 'succeeded' | 'failed' | 'cancelled';
  readonly interval: DataInterval;
  /** All tables and tasks of the pipeline were part of it. */
  readonly isWhole: boolean;
  /** By the step's key (`load:orders`). */
  readonly steps: readonly { readonly key: string; readonly outcome: string; readonly hasWarned: boolean }[];
  /** What to say of it, where something is new. */
  readonly failed: Extract<Notice, { kind: 'run-failed' }>;
  readonly warned: Extract<Notice, { kind: 'run-warned' }>;
}

/**
 * A step that fails begins an incident, and is told of once, however often it fails again; a success of it over the newest interval that
 * it has failed over, or a later one, ends it, and the last that ends is told of. So do warnings, whose end is not worth a word. A cancelled run says nothing.
 */
export function afterRun(open: readonly OpenIncident[], run: RunEnd): IncidentChanges {
  const asked = open.filter(
    ({ kind, subject }) => kind === 'approval' && subject.startsWith(`${run.failed.runId} `),
  );
  if (run.outcome === 'cancelled') return { ...NOTHING_CHANGED, close: asked };
  const { end } = run.interval;
  const succeeded = run.outcome === 'succeeded';
  const failing = run.steps.filter(({ outcome }) => outcome === 'failed').map(({ key }) => key);
  if (!succeeded && !failing.length) failing.push('');
  const warning = run.steps.filter(({ hasWarned }) => hasWarned).map(({ key }) => key);
  const quiet = run.steps
    .filter((step) => step.outcome === 'succeeded' && !step.hasWarned)
    .map(({ key }) => key);
  const well = run.steps.filter(({ outcome }) => outcome === 'succeeded').map(({ key }) => key);
  const skipped = run.steps.filter(({ outcome }) => outcome === 'skipped').map(({ key }) => key);
  const isOver = (kind: Incident['kind'], keys: readonly string[]) => (each: OpenIncident) =>
    each.kind === kind &&
    (each.upTo === null || each.upTo <= end) &&
    (keys.includes(each.subject) ||
      (succeeded && (each.subject === '' || (run.isWhole && !skipped.includes(each.subject)))));
  const lasting = (kind: 'run-failed' | 'run-warned', keys: readonly string[]): Incident[] =>
    keys.map((subject) => ({ kind, subject, upTo: end }));
  const isNew = ({ kind, subject }: Incident) =>
    !open.some((each) => each.kind === kind && each.subject === subject);
  const failures = lasting('run-failed', failing);
  const warnings = lasting('run-warned', succeeded ? warning : []);
  const mended = open.filter(isOver('run-failed', well));
  const quieted = open
    .filter(isOver('run-warned', quiet))
    .filter(({ subject }) => !warning.includes(subject));
  const left = open.filter((each) => each.kind === 'run-failed' && !mended.includes(each));
  const isWell = succeeded && mended.length > 0 && left.length === 0;
  return {
    open: [...failures, ...warnings],
    close: [...mended, ...quieted, ...asked],
    notices: [
      ...(failures.some(isNew) ? [run.failed] : []),
      ...(warnings.some(isNew) ? [run.warned] : []),
      ...(isWell ? [recovered(run.failed.pipeline, 'error', mended)] : []),
    ],
  };
}

/** What a look at a pipeline has found. */
export interface Look {
  readonly pipeline: string;
  /** What has become of its freshness since the look before; absent where it sets no limits. */
  readonly staleness?: {
    /** The limit that it has gone past since. */
    readonly crossed?: { readonly severity: Severity; readonly limit: string };
    /** It is within both limits. */
    readonly isFresh: boolean;
    readonly loadedUpTo: Instant | null;
  };
  /** The newest interval whose deadline has passed; absent where there is none. */
  readonly deadline?: { readonly interval: DataInterval; readonly at: Instant; readonly isMet: boolean };
  /** Of the intervals whose deadline was told of as missed, the starts of those that are done by now. */
  readonly done: readonly Instant[];
}

export function afterLook(open: readonly OpenIncident[], look: Look): IncidentChanges {
  const { pipeline, staleness, deadline, done } = look;
  const isOpen = (kind: Incident['kind'], subject: string) =>
    open.some((each) => each.kind === kind && each.subject === subject);
  const changes = { open: [] as Incident[], close: [] as OpenIncident[], notices: [] as Notice[] };
  const crossed = staleness?.crossed;
  if (staleness && crossed && !isOpen('stale', crossed.severity)) {
    changes.open.push({ kind: 'stale', subject: crossed.severity, upTo: null });
    changes.notices.push({ kind: 'stale', pipeline, loadedUpTo: staleness.loadedUpTo, ...crossed });
  }
  if (deadline && !deadline.isMet && !isOpen('deadline', deadline.interval.start)) {
    const { interval, at } = deadline;
    changes.open.push({ kind: 'deadline', subject: interval.start, upTo: interval.end });
    changes.notices.push({ kind: 'deadline', pipeline, interval, deadline: at });
  }
  const isOver = ({ kind, subject }: OpenIncident) =>
    (kind === 'stale' && (staleness === undefined || staleness.isFresh)) ||
    (kind === 'deadline' && done.includes(subject));
  const over = open.filter(isOver);
  if (over.length) {
    const isGrave = over.some(({ kind, subject }) => kind === 'deadline' || subject === 'error');
    changes.close.push(...over);
    changes.notices.push(recovered(pipeline, isGrave ? 'error' : 'warning', over));
  }
  return changes;
}

function recovered(pipeline: string, severity: Severity, over: readonly OpenIncident[]): Notice {
  const kinds = over.map(({ kind }) => kind);
  const of = (['run-failed', 'stale', 'deadline'] as const).filter((kind) => kinds.includes(kind));
  const since = over.map((each) => each.since).sort()[0] ?? '';
  return { kind: 'recovered', pipeline, severity, of, since };
}
