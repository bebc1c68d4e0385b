import { isDeepStrictEqual } from 'node:util';
import type { RunHandle } from '../operations/start-run.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';

/** Says when the worker had another definition of the pipeline than this command.
 * @returns whether the run is opened, so that the ledger has its definition
 */
export async function sayWhereOlder(
  { ledger }: Pick<Session, 'ledger'>,
  { firstExecutionRunId: runId, definition, joined }: RunHandle,
  output: Output,
): Promise<boolean> {
  const theirs = await ledger.definition(runId);
  if (theirs === undefined) return false;
  if (!isDeepStrictEqual(theirs, JSON.parse(JSON.stringify(definition))))
    output.progress(
      joined
        ? `that run was opened with another definition of ${definition.name} than pipelines/ has now.`
        : `the worker has another definition of ${definition.name} than this command, and runs its own: restart it to take up what pipelines/ says now.`,
    );
  return true;
}
