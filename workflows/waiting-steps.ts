import { ActivityFailure, ApplicationFailure, patched, sleep, TimeoutFailure } from '@temporalio/workflow';
import { milliseconds } from '../core/duration.ts';
import type { PlannedStep } from '../core/plan.ts';
import type { Approval, ResolvedTask, TaskResult, Wait } from '../core/tasks.ts';
import { conditionText } from '../core/waits.ts';
import { looking, lookingLast } from './activity-options.ts';
import { reason, runFailed } from './failures.ts';
import type { Run } from './run.ts';

/** A step that waits for a person: goes ahead with a yes, fails with a no. */
export function approval(run: Run, step: PlannedStep, task: ResolvedTask<Approval>): Promise<TaskResult> {
  const { name, does, timeout } = task;
  const subject = `${run.ref.pipeline}'s step '${name}' (${does.approve})`;
  const asked = `approval: ${does.approve} ('sluice approve ${run.ref.workflowId} ${name}', or --reject)`;
  const ask = async () => {
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
  };
  return run.ownStep(step, ask, { for: asked, asks: { run: run.ref, question: does.approve } });
}

/** A step that waits until something is there; what was found is its result. */
export function waiting(run: Run, step: PlannedStep, task: ResolvedTask<Wait>): Promise<TaskResult> {
  const { name, does, timeout } = task;
  const ref = { ...run.ref, patience: undefined }; // how long is waited is for the step to say
  const what = conditionText(does.waitFor, ref.interval);
  const wait = async () => {
    const end = Date.now() + milliseconds(timeout);
    try {
      const look = looking(name, does.every, timeout);
      return { output: await look.lookFor(ref, does.waitFor, run.source) };
    } catch (failure) {
      if (!isTimeUp(failure)) throw failure;
      let error = failure;
      // The server makes no look that would come too late: up to a pause of the time is left, or nobody was there to look.
      if (patched('waits-look-last')) {
        if (end > Date.now()) await sleep(end - Date.now());
        try {
          return { output: await lookingLast(name).lookFor(ref, does.waitFor, run.source) };
        } catch (last) {
          if (!isNotYet(last)) throw last;
          error = last;
        }
      }
      const late = `${what}: not within ${timeout}${lastLook(error)}`;
      if (does.onTimeout === 'skip') return { skipped: late };
      throw runFailed(
        'WaitTimedOut',
        `${ref.pipeline}'s step '${name}' waited for ${late}. 'sluice rerun' waits again.`,
      );
    }
  };
  return run.ownStep(step, wait, { for: what });
}

/** Of all looks together; the server ends them with the last one when the next would come too late. */
function isTimeUp(error: unknown): error is ActivityFailure {
  if (!(error instanceof ActivityFailure)) return false;
  return (
    error.retryState === 'TIMEOUT' ||
    (error.cause instanceof TimeoutFailure && error.cause.timeoutType === 'SCHEDULE_TO_CLOSE')
  );
}

/** It is not there, or nobody could look in time. */
function isNotYet(error: unknown): error is ActivityFailure {
  if (!(error instanceof ActivityFailure)) return false;
  const { cause } = error;
  return cause instanceof TimeoutFailure || (cause instanceof ApplicationFailure && !cause.nonRetryable);
}

function lastLook({ cause }: ActivityFailure): string {
  const last = cause instanceof TimeoutFailure ? cause.cause : cause;
  return last ? ` (last look: ${reason(last)})` : '';
}
