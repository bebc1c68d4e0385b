import { Context } from '@temporalio/activity';
import { milliseconds, type DurationText } from '../core/duration.ts';
import { OwnFailure, TransientError, Unreachable, type PipelineError } from '../core/errors.ts';
import type { RunRef } from '../core/run.ts';
import type { ProjectWork, ResolvedTask, TaskResult, Work } from '../core/tasks.ts';
import type { TaskInput } from '../connectors/tasks/port.ts';
import { care } from './care.ts';
import type { Connectors } from './connectors.ts';
import { withDatasets } from './datasets.ts';
import { report } from './heartbeat.ts';
import { withRemoteWork } from './remote-work.ts';
import { say } from './step-lines.ts';

/** Does a task of the pipeline's author. Attempts know their number; what a task does twice is its author's to settle. */
export async function runTask(
  connectors: Connectors,
  run: RunRef,
  task: ResolvedTask<Work>,
  given: Pick<TaskInput, 'params' | 'results'>,
): Promise<TaskResult> {
  const { does } = task;
  if ('care' in does) return care(connectors, run, does);
  const tell = (line: string) => say(line);
  const project = { ...task, does };
  return withDatasets(connectors, run, project, (datasets) =>
    attempt(connectors, project, { ...given, run, ...(datasets && { datasets }) }, tell),
  );
}

/** Does a task for one element of a list. */
export async function runElement(
  connectors: Connectors,
  run: RunRef,
  task: ResolvedTask<ProjectWork>,
  given: Pick<TaskInput, 'params' | 'results' | 'element'>,
): Promise<TaskResult> {
  const place = `[${given.element?.index ?? ''}]`;
  return attempt(connectors, task, { ...given, run }, (line) => say(`${place} ${line}`));
}

async function attempt(
  { tasks }: Connectors,
  task: ResolvedTask<ProjectWork>,
  given: Omit<TaskInput, 'attempt'>,
  tell: (line: string) => string,
): Promise<TaskResult> {
  const { info, cancellationSignal } = Context.current();
  const work = (signal: AbortSignal) =>
    tasks.run(task, { ...given, attempt: info.attempt }, signal, (line) => report(tell(line)));
  try {
    // What runs elsewhere is not ended by the end of this worker.
    return await ('container' in task.does || 'spark' in task.does
      ? withRemoteWork(given.run, work)
      : work(cancellationSignal));
  } catch (error) {
    throw task.retry && isOwn(error) ? passing(error, task.retry.after) : error;
  }
}

/** That the task failed or asked to be tried again, and not that somebody is away. */
function isOwn(error: unknown): error is PipelineError {
  return error instanceof OwnFailure || (error instanceof TransientError && !(error instanceof Unreachable));
}

/** Of a task that is tried again whatever it failed of. */
function passing({ message, cause }: PipelineError, after: DurationText): TransientError {
  const failure = new TransientError(message, { cause });
  failure.pauseMs = milliseconds(after);
  return failure;
}
