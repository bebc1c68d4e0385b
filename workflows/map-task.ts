import {
  CancellationScope,
  CancelledFailure,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
} from '@temporalio/workflow';
import { elementText, type ElementDone, type MapOutcome, type MapRequest } from '../core/elements.ts';
import { RESULT_LIMIT, type TaskResult } from '../core/tasks.ts';
import { ofTask, withOptions } from './activity-options.ts';
import { reason } from './failures.ts';
import { withPlace } from './place.ts';

/** Elements after which it goes on as a new execution: about 3,000 events. */
const PER_EXECUTION = 500;
/** Fewer where each is told much, in characters of what all together are told. */
const TOLD_PER_EXECUTION = 8_000_000;
/** Of one activation: what a worker answers in one message has an end at 4 MB. */
const TOLD_AT_ONCE = 2_000_000;
const KEPT_FAILURES = 20;
const KEPT_ERROR = 500; // characters

/**
 * Does a task once for every element of a list, a bounded number at a time. One that fails holds nobody up. A child of the run, so
 * that the run's own history does not grow with the list.
 */
export async function mapTask(request: MapRequest, before?: MapOutcome): Promise<MapOutcome> {
  const { elements, max } = request;
  const tally = new Tally(request, before);
  const told = JSON.stringify([request.task, request.params, request.results]).length;
  const lanes = Math.max(1, Math.min(max, Math.floor(TOLD_AT_ONCE / told)));
  let left = Math.max(lanes, Math.min(PER_EXECUTION, Math.floor(TOLD_PER_EXECUTION / told)));
  let next = 0;
  const take = (): number | undefined => {
    while (next < elements.length && tally.has(next)) next += 1;
    if (next >= elements.length || left === 0) return undefined;
    left -= 1;
    return next++;
  };
  let cancelled: unknown;
  const lane = async () => {
    for (let index = take(); index !== undefined && cancelled === undefined; index = take()) {
      try {
        tally.done(index, await doOne(request, index));
      } catch (error) {
        if (isCancellation(error)) cancelled = error;
        else tally.failed(index, error);
      }
      setCurrentDetails(tally.text);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (cancelled !== undefined)
    throw cancelled instanceof Error ? cancelled : new CancelledFailure('cancelled');
  // Those under way may have ended well all the same; a new execution would know of no cancellation.
  if (tally.left && CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled');
  if (tally.left) return continueAsNew<typeof mapTask>(request, tally.outcome);
  return tally.outcome;
}

function doOne(
  { run, task, elements, params, results, priority }: MapRequest,
  index: number,
): Promise<TaskResult> {
  const value = elements[index];
  const { runElement } = withOptions(ofTask(task), `${task.name} ${elementText(index, value)}`);
  const work = () => runElement(run, task, { params, results, element: { value, index } });
  if (task.pool === undefined) return work();
  return withPlace(run, { pool: task.pool, step: `${task.name}[${index}]`, priority }, work);
}

/** What became of the elements so far. */
class Tally {
  readonly #request: MapRequest;
  readonly #done: Map<number, ElementDone>;
  /** Elements that have ended without anything that is kept. */
  readonly #ended: Set<number>;
  #bytes: number;
  #failures: MapOutcome['failures'];
  #failed: number;
  #skipped: number;
  #skippedBecause: string | null;

  constructor(request: MapRequest, before?: MapOutcome) {
    this.#request = request;
    const done = before?.done ?? request.done;
    this.#done = new Map(done.map((each) => [each.index, each]));
    this.#bytes = before?.bytes ?? done.reduce((sum, { output }) => sum + sizeOf(output), 0);
    this.#failures = before?.failures ?? [];
    this.#failed = before?.failed ?? 0;
    const skipped = done.flatMap((each) => each.skipped ?? []);
    this.#skipped = before?.skipped ?? skipped.length;
    this.#skippedBecause = before?.skippedBecause ?? skipped[0] ?? null;
    this.#ended = new Set(before?.ended);
  }

  has(index: number): boolean {
    return this.#done.has(index) || this.#ended.has(index);
  }

  get left(): boolean {
    return this.#done.size + this.#ended.size < this.#request.elements.length;
  }

  get outcome(): MapOutcome {
    return {
      done: [...this.#done.values()].sort((a, b) => a.index - b.index),
      bytes: this.#bytes,
      failed: this.#failed,
      failures: this.#failures,
      skipped: this.#skipped,
      skippedBecause: this.#skippedBecause,
      ended: [...this.#ended],
    };
  }

  get text(): string {
    const { task, elements } = this.#request;
    const failed = this.#failed ? `, ${this.#failed} failed` : '';
    return `**${task.name}**: ${this.#done.size + this.#ended.size} of ${elements.length} done${failed}`;
  }

  done(index: number, result: TaskResult): void {
    const output = 'output' in result ? result.output : null;
    if ('skipped' in result) {
      this.#skipped += 1;
      this.#skippedBecause ??= result.skipped;
    }
    this.#bytes += sizeOf(output);
    const element = this.#request.elements[index];
    const skipped = 'skipped' in result ? { skipped: result.skipped } : {};
    if (this.#bytes <= RESULT_LIMIT) this.#done.set(index, { index, element, output, ...skipped });
    else this.#ended.add(index);
  }

  failed(index: number, error: unknown): void {
    this.#failed += 1;
    this.#ended.add(index);
    const failure = {
      index,
      element: this.#request.elements[index],
      error: reason(error).slice(0, KEPT_ERROR),
    };
    if (this.#failures.length < KEPT_FAILURES) this.#failures = [...this.#failures, failure];
  }
}

/** With the comma that will stand behind it. */
function sizeOf(output: unknown): number {
  return JSON.stringify(output).length + 1;
}
