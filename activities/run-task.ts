import { Context } from '@temporalio/activity';
import type { RunRef } from '../core/run.ts';
import type { ResolvedTask, TaskResult, Work } from '../core/tasks.ts';
import type { TaskInput } from '../connectors/tasks/port.ts';
import type { Connectors } from './connectors.ts';
import { report } from './heartbeat.ts';
import { say } from './step-lines.ts';

/** Does a task of the pipeline's author. Attempts know their number; what a task does twice is its author's to settle. */
export async function runTask(
  { tasks }: Connectors,
  run: RunRef,
  task: ResolvedTask<Work>,
  given: Pick<TaskInput, 'params' | 'results'>,
): Promise<TaskResult> {
  const { info, cancellationSignal } = Context.current();
  return tasks.run(task, { ...given, run, attempt: info.attempt }, cancellationSignal, (line) => {
    report(say(line));
  });
}

/** Does a task for one element of a list. */
export async function runElement(
  { tasks }: Connectors,
  run: RunRef,
  task: ResolvedTask<Work>,
  given: Pick<TaskInput, 'params' | 'results' | 'element'>,
): Promise<TaskResult> {
  const { info, cancellationSignal } = Context.current();
  return tasks.run(task, { ...given, run, attempt: info.attempt }, cancellationSignal, (line) => {
    report(say(`[${given.element?.index ?? ''}] ${line}`));
  });
}
