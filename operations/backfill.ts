import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { backfillWorkflowId, pastOf, planBackfill, type BackfillPlan, type Past } from '../core/backfill.ts';
import { messageOf, TerminalError } from '../core/errors.ts';
import { intervalText, toInstant } from '../core/interval.ts';
import type { BackfillInput } from '../core/run-input.ts';
import type { Registry } from '../core/run-request.ts';
import { openWarehouse } from '../profiles/open.ts';
import type { backfillPipeline } from '../workflows/backfill-pipeline.ts';
import { act } from './act.ts';
import { sameRun } from './same-run.ts';
import type { Session } from './session.ts';

/** Says what a backfill would do; changes nothing. `say` hears of what could not be asked. @throws as `core/backfill` does */
export async function dryRun(
  session: Pick<Session, 'ledger' | 'profile'>,
  registry: Registry,
  input: BackfillInput,
  say: (what: string) => void,
): Promise<BackfillPlan> {
  return planBackfill(registry, input, toInstant(new Date()), pastFor(session, say));
}

/** Where the warehouse cannot be asked from here, the worker that plans the backfill still asks it. */
function pastFor(
  { ledger, profile }: Pick<Session, 'ledger' | 'profile'>,
  say: (what: string) => void,
): Past {
  return pastOf(ledger, {
    present: async (pipeline, tables) => {
      try {
        const warehouse = await openWarehouse(profile);
        return await warehouse.present(pipeline, tables).finally(() => warehouse.close());
      } catch (error) {
        say(
          `Whether tables were dropped in the warehouse could not be asked (${messageOf(error)}); by the ledger:`,
        );
        return new Set(tables);
      }
    },
  });
}

/** Starts a backfill; one that already does the very same is taken as it is. @throws {TerminalError} the range is being filled in another way */
export async function startBackfill(
  session: Session,
  request: BackfillInput,
  range: BackfillPlan['range'],
  by: string,
): Promise<WorkflowHandle<typeof backfillPipeline>> {
  const { handle, joined } = await startOrJoin(session, request, range);
  const { pipeline } = request;
  if (joined) return handle;
  await act(session, {
    actor: by,
    action: 'backfill',
    pipeline,
    subject: handle.workflowId,
    input: request,
  });
  return handle;
}

async function startOrJoin(
  session: Session,
  request: BackfillInput,
  range: BackfillPlan['range'],
): Promise<{ readonly handle: WorkflowHandle<typeof backfillPipeline>; readonly joined: boolean }> {
  const workflowId = backfillWorkflowId(request.pipeline, range);
  try {
    const handle = await session.temporal.workflow.start<typeof backfillPipeline>('backfillPipeline', {
      taskQueue: session.profile.temporal.taskQueue,
      workflowId,
      args: [request],
      staticSummary: `backfill ${request.pipeline} ${intervalText(range)}`,
    });
    return { handle, joined: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    if ((await sameRun(session, workflowId, request)) !== undefined)
      return {
        handle: session.temporal.workflow.getHandle<typeof backfillPipeline>(workflowId),
        joined: true,
      };
    throw new TerminalError(
      `This range is already being filled by ${workflowId}, in another way. Wait for it, or 'sluice cancel ${workflowId}'.`,
    );
  }
}
