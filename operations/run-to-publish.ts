import type { Ledger } from '../connectors/ledger/port.ts';
import { TerminalError } from '../core/errors.ts';

/**
 * The run whose step `pages` shows a pipeline's marts as they are: that which built them last.
 * @throws {TerminalError} they were never built, are being built, or the last build of them went wrong: its run has withheld what it must
 */
export async function runToPublish(
  { ledger }: { readonly ledger: Pick<Ledger, 'newestBuild' | 'runs'> },
  pipeline: string,
): Promise<string> {
  const build = await ledger.newestBuild(pipeline);
  if (!build)
    throw new TerminalError(
      `Pipeline '${pipeline}' has never built its models, so there is nothing to show. Run it: 'sluice run ${pipeline}'.`,
    );
  const { runId, outcome } = build;
  if (outcome === 'running')
    throw new TerminalError(`The models of '${pipeline}' are being built by ${runId}, which publishes them.`);
  if (outcome !== 'succeeded')
    throw new TerminalError(
      `transform failed in ${runId}, the last that built the models of '${pipeline}': what it withheld stays withheld. ` +
        `Mend the cause, then rerun from there: 'sluice rerun ${runId}'.`,
    );
  return runId;
}
