import { executeChild, workflowInfo } from '@temporalio/workflow';
import {
  elementText,
  MOST_ELEMENTS,
  stillDone,
  type ElementsDetail,
  type MapOutcome,
} from '../core/elements.ts';
import type { PlannedStep } from '../core/plan.ts';
import { RESULT_LIMIT, type ProjectWork, type ResolvedTask, type TaskResult } from '../core/tasks.ts';
import { PartlyFailed, runFailed } from './failures.ts';
import type { mapTask } from './map-task.ts';
import type { Run } from './run.ts';

type MappedTask = ResolvedTask<ProjectWork> & { readonly each: NonNullable<ResolvedTask['each']> };

/** A step that is done once for each element of a list that an earlier one gave; its result is what each gave, in their order. */
export function mapped(
  run: Run,
  step: PlannedStep,
  { each, ...task }: MappedTask,
  params: Readonly<Record<string, string>>,
): Promise<TaskResult> {
  return run.ownStep(step, async () => {
    const { [each.from]: list, ...results } = run.resultsBefore(step);
    if (list === undefined) return { skipped: `'${each.from}' gave no list: it was skipped or has failed` };
    const elements = listOf(run, task.name, each.from, list);
    const { workflowId, runId } = workflowInfo();
    const outcome = await executeChild<typeof mapTask>('mapTask', {
      workflowId: `${workflowId}/${task.name}-${runId.slice(0, 8)}`,
      args: [
        {
          run: run.refFor(task),
          task,
          elements,
          max: each.max,
          priority: run.priority,
          params,
          results,
          done: stillDone(run.elementsDone(step), elements),
        },
      ],
      staticSummary: `${task.name}: ${elements.length} elements`,
    });
    return resultOf(`${run.ref.pipeline}'s task '${task.name}'`, elements.length, outcome);
  });
}

function listOf(run: Run, name: string, from: string, list: unknown): readonly unknown[] {
  const subject = `${run.ref.pipeline}'s task '${name}' is done for each element of what '${from}' gives`;
  if (!Array.isArray(list)) {
    const given = list === null ? 'null' : typeof list;
    throw runFailed('NoList', `${subject}, which is ${given}. Let it give a list.`);
  }
  if (list.length <= MOST_ELEMENTS) return list;
  throw runFailed(
    'ListTooLong',
    `${subject}: ${list.length} elements, ${MOST_ELEMENTS} at most. Let each stand for more.`,
  );
}

/** @throws {PartlyFailed} with what was done, for the run that repeats it */
function resultOf(subject: string, count: number, outcome: MapOutcome): TaskResult {
  const { done, bytes, failed, failures, skipped, skippedBecause } = outcome;
  if (failed) {
    const inOrder = [...failures].sort((a, b) => a.index - b.index);
    const lines = inOrder.map(({ index, element, error }) => `    ${elementText(index, element)}: ${error}`);
    const more = failed > lines.length ? `\n    … and ${failed - lines.length} more` : '';
    const detail: ElementsDetail = { elements: done };
    throw new PartlyFailed(
      `${subject} failed for ${failed} of ${count} elements; the others are done:\n${lines.join('\n')}${more}`,
      detail,
    );
  }
  if (bytes > RESULT_LIMIT) {
    throw runFailed(
      'ResultsTooLarge',
      `${subject}: what its ${count} elements gave has ${bytes} bytes together; a result is ${RESULT_LIMIT} at most. ` +
        `Write data to the lake or the warehouse, and give where it is.`,
    );
  }
  if (skipped && skipped === count) return { skipped: skippedBecause ?? 'every element asked for it' };
  return { output: done.map(({ output }) => output) };
}
