import type { RunPipelineInput } from '../core/run-input.ts';
import type { Registry } from '../core/run-request.ts';
import { act } from './act.ts';
import type { Session } from './session.ts';
import { startRun, type RunHandle } from './start-run.ts';

/** Starts a run that somebody has asked for. @throws as `startRun` does */
export async function run(
  session: Session,
  registry: Registry,
  input: RunPipelineInput,
  by: string,
  waits?: Parameters<typeof startRun>[3],
): Promise<RunHandle> {
  const handle = await startRun(session, registry, input, waits);
  const { pipeline } = input;
  if (!handle.joined)
    await act(session, { actor: by, action: 'run', pipeline, subject: handle.workflowId, input });
  return handle;
}
