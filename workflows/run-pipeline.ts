import type { TableExtract } from '../activities/extract-all.ts';
import type { ResolvedTable } from '../core/pipeline.ts';
import type { Idle } from '../activities/open-run.ts';
import type { ExtractResult, RunSummary } from '../core/run.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import { brief, compute, ofTask, transfer, withOptions } from './activity-options.ts';
import { runFailed } from './failures.ts';
import { mapped } from './mapped-step.ts';
import { withRun } from './run.ts';
import { approval, waiting } from './waiting-steps.ts';

/** One pipeline, one data interval: carries out the plan of its definition. */
export async function runPipeline(input: RunPipelineInput): Promise<RunSummary | Idle> {
  return withRun(input, async (run) => {
    const { transform } = run.definition;
    const { ref, source, params } = run;
    let together: Promise<TableExtract[]> | undefined;
    const extractAll = () =>
      (together ??= run.placed('extract', run.sourcePool, () =>
        withOptions(compute, 'extract all tables').extractAll(ref, source, run.readTogether),
      ));

    await run.execute({
      extract: async (step) => {
        const table = run.tableOf(step);
        if (run.extractsTogether && !run.isFollowed(table)) return resultFor(table, await extractAll());
        return run.placed(step.key, run.sourcePool, () =>
          withOptions(transfer, `extract ${table.name}`).extract(ref, source, table),
        );
      },
      load: (step) => {
        const table = run.tableOf(step);
        const bronze = run.resultOf('extract', table.name);
        return withOptions(transfer, `load ${table.name}`).load(
          ref,
          table,
          bronze,
          ...(run.isFollowed(table) ? [{ connection: source, tables: run.followed }] : []),
        );
      },
      transform: () => withOptions(compute, 'dbt').transform(ref, transform?.dbt.select ?? '', params),
      check: () => withOptions(brief, 'check').check(ref, run.loads, ...run.lenient),
      publish: () => withOptions(brief, 'publish').publish(ref, run.loads),
      pages: () =>
        withOptions(brief, 'pages').pages(ref, run.definition.dashboards ?? [], run.loads, {
          transform: run.stateOf('transform'),
          check: run.stateOf('check'),
          nodes: run.transformed,
        }),
      task: (step) => {
        const { does, ...task } = run.taskOf(step);
        if ('approve' in does) return approval(run, step, { ...task, does });
        if ('waitFor' in does) return waiting(run, step, { ...task, does });
        const { each } = task;
        if (each && !('care' in does)) return mapped(run, step, { ...task, does, each }, params);
        const results = run.resultsBefore(step);
        const given = { params, results };
        return run.placed(step.key, task.pool, () =>
          withOptions(ofTask({ ...task, does }), task.name).runTask(
            run.refFor(task),
            { ...task, does },
            given,
          ),
        );
      },
    });
  });
}

function resultFor(table: ResolvedTable, extracted: readonly TableExtract[]): ExtractResult {
  const found = extracted.find((each) => each.table === table.name);
  if (found && 'result' in found) return found.result;
  throw runFailed('TableNotExtracted', found?.error ?? `Table ${table.name} was not extracted.`);
}
