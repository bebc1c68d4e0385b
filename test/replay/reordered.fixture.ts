import { withOptions, transfer } from '../../workflows/activity-options.ts';
import { withRun } from '../../workflows/run.ts';
import type { Idle } from '../../activities/open-run.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import type { RunSummary } from '../../core/run.ts';

/** `runPipeline` as a careless hand would leave it: it publishes before it checks. */
export async function runPipeline(input: RunPipelineInput): Promise<RunSummary | Idle> {
  return withRun(input, async (run) => {
    const { source } = run.definition;
    const loads = await run.forEachTable(async (table) => {
      const options = withOptions(transfer, table.name);
      const bronze = await run.step('extract', table, () => options.extract(run.ref, source, table));
      return {
        table: table.name,
        load: await run.step('load', table, () => options.load(run.ref, table, bronze)),
      };
    });
    const last = withOptions(transfer, 'the end');
    await run.step('publish', null, () => last.publish(run.ref, loads));
    await run.step('check', null, () => last.check(run.ref, loads));
    return loads.map(({ load }) => load.rows);
  });
}
