import { Context } from '@temporalio/activity';
import type { RunRef, TransformStepResult } from '../core/run.ts';
import type { Connectors } from './connectors.ts';
import { putDownModels } from './models.ts';
import { report } from './heartbeat.ts';
import { say } from './step-lines.ts';

/** Builds and tests the pipeline's models. A later attempt goes on with what an earlier one left. */
export async function transform(
  connectors: Connectors,
  run: RunRef,
  select: string,
  variables: Readonly<Record<string, string>>,
): Promise<TransformStepResult> {
  const { info, cancellationSignal } = Context.current();
  const result = await connectors.transform.build(
    {
      pipeline: run.pipeline,
      select,
      runId: run.runId,
      variables,
      resume: info.attempt > 1,
      onProgress: (progress) => {
        report(progress);
        say(progress.text);
      },
    },
    cancellationSignal,
  );
  await putDownModels(connectors, run, result);
  return {
    nodes: result.nodes.length,
    warnings: [
      ...result.nodes
        .filter((node) => node.status === 'warn')
        .map((node) => `${node.id}: ${node.message ?? ''}`),
      ...result.untested.map((id) => `${id}: no test looks at it`),
    ],
    seconds: result.seconds,
    milliseconds: Object.fromEntries(result.nodes.map((node) => [node.id, Math.round(node.seconds * 1000)])),
  };
}
