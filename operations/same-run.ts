import { arrayFromPayloads, defaultPayloadConverter } from '@temporalio/common';
import { isDeepStrictEqual } from 'node:util';
import type { Session } from './session.ts';

/**
 * The run id of the workflow that has this id, if it still runs and was started to do the very same: then it is as good as one of
 * our own. Who asked for it (`kind`) makes no difference, nor the interval where it was left to the schedule.
 */
export async function sameRun(
  { temporal, connection }: Session,
  workflowId: string,
  input: object,
): Promise<string | undefined> {
  const { status, runId } = await temporal.workflow.getHandle(workflowId).describe();
  if (status.name !== 'RUNNING') return undefined;
  const { history } = await connection.workflowService.getWorkflowExecutionHistory({
    namespace: temporal.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const [theirs] = arrayFromPayloads(defaultPayloadConverter, started?.input?.payloads) as [object?];
  return theirs && isDeepStrictEqual(essence({ ...left(input), ...theirs }), essence(input))
    ? runId
    : undefined;
}

/** Without who asked for it, and what only a schedule has to say. */
function essence(input: object): object {
  return JSON.parse(
    JSON.stringify({ ...input, kind: undefined, schedule: undefined, start: undefined }),
  ) as object;
}

/** What a schedule leaves open when it starts a run. */
function left(input: object): object {
  return 'interval' in input ? { interval: input.interval } : {};
}
