import { milliseconds } from '../core/duration.ts';
import type { PlannedStep } from '../core/plan.ts';
import type { Approval, ResolvedTask, TaskResult } from '../core/tasks.ts';
import { runFailed } from './failures.ts';
import type { Run } from './run.ts';

/** A step that waits for a person: goes ahead with a yes, fails with a no. */
export function approval(run: Run, step: PlannedStep, task: ResolvedTask<Approval>): Promise<TaskResult> {
  const { name, does, timeout } = task;
  const subject = `${run.ref.pipeline}'s step '${name}' (${does.approve})`;
  const asked = `approval: ${does.approve} ('sluice approve ${run.ref.workflowId} ${name}', or --reject)`;
  return run.wait(step, asked, async () => {
    const decision = await run.approvals.answer(name, milliseconds(timeout));
    if (decision?.approved) return { output: decision };
    if (decision) {
      const why = decision.reason === null ? '' : `: ${decision.reason}`;
      throw runFailed(
        'Rejected',
        `${subject} was rejected by ${decision.by}${why}. 'sluice rerun' asks again.`,
      );
    }
    const late = `nobody has approved or rejected it within ${timeout}`;
    if (does.onTimeout === 'skip') return { skipped: late };
    throw runFailed('ApprovalTimedOut', `${subject}: ${late}. 'sluice rerun' asks again.`);
  });
}
