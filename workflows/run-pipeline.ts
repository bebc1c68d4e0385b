import type { ExtractResult, RunSummary } from '../core/run.ts';
import type { TableExtract } from '../activities/extract-all.ts';
import type { ResolvedTable } from '../core/pipeline.ts';
import type { Idle } from '../activities/open-run.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import { brief, compute, transfer, withOptions } from './activity-options.ts';
import { runFailed } from './failures.ts';
import { withRun } from './run.ts';

/** One pipeline, one data interval: extract and load every table, then transform, check and publish. */
export async function runPipeline(input: RunPipelineInput): Promise<RunSummary | Idle> {
  return withRun(input, async (run) => {
    const { source, transform } = run.definition;
    const { ref } = run;

    const extracted = run.extractsTogether
      ? await withOptions(compute, 'extract all tables').extractAll(ref, source, run.without('extract'))
      : undefined;
    const loads = await run.forEachTable(async (table) => {
      const bronze = await run.step('extract', table, () =>
        extracted
          ? Promise.resolve(resultFor(table, extracted))
          : withOptions(transfer, `extract ${table.name}`).extract(ref, source, table),
      );
      const load = await run.step('load', table, () =>
        withOptions(transfer, `load ${table.name}`).load(ref, table, bronze),
      );
      return { table: table.name, load };
    });

    if (transform && !run.skips('transform')) {
      await run.step('transform', null, () =>
        withOptions(compute, 'dbt').transform(ref, transform.dbt.select, input.params ?? {}),
      );
    }
    if (!run.skips('check')) {
      await run.step('check', null, () => withOptions(brief, 'check').check(ref, loads));
    }
    await run.step('publish', null, () => withOptions(brief, 'publish').publish(ref, loads));
    return loads.map(({ load }) => load.rows);
  });
}

function resultFor(table: ResolvedTable, extracted: readonly TableExtract[]): ExtractResult {
  const found = extracted.find((each) => each.table === table.name);
  if (found && 'result' in found) return found.result;
  throw runFailed('TableNotExtracted', found?.error ?? `Table ${table.name} was not extracted.`);
}
