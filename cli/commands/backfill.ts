import type { Command } from 'commander';
import type { WorkflowHandle } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { checkBackfill, type BackfillPlan } from '../../core/backfill.ts';
import { TerminalError } from '../../core/errors.ts';
import { intervalText, toInstant } from '../../core/interval.ts';
import { backfillInput, parseInput } from '../../core/run-input.ts';
import { whoAmI } from '../../operations/act.ts';
import { dryRun, startBackfill } from '../../operations/backfill.ts';
import { registry } from '../../pipelines/index.ts';
import type { backfillPipeline } from '../../workflows/backfill-pipeline.ts';
import type { BackfillProgress } from '../../workflows/backfill/control.ts';
import { count, type Output } from '../output.ts';
import { withSession, type Session } from '../session.ts';
import { goesOn } from '../goes-on.ts';
import { failureOf } from '../follow-run.ts';
import { UntakenTasks } from '../untaken.ts';
import { WaitsForInterval } from '../waiting.ts';
import { collect, example, invocation } from './globals.ts';

interface BackfillOptions {
  readonly from: string;
  readonly to: string;
  readonly concurrency: number;
  readonly reprocess: string;
  readonly transform: string;
  readonly table?: string[];
  readonly dryRun?: boolean;
  readonly detach?: boolean;
}

const POLL_MS = 500;

export function backfillCommand(command: Command): void {
  command
    .requiredOption('--from <time>', "first interval, in the pipeline's zone or with Z")
    .requiredOption('--to <time>', 'end of the range, exclusive')
    .option('-c, --concurrency <runs>', 'runs at the same time, up to 50', Number, 2)
    .option('--reprocess <which>', 'missing, failed (and missing), or all', 'missing')
    .option('--transform <when>', 'once (after the last interval) or each', 'once')
    .option('-t, --table <name>', 'only this table (repeatable); the models are built all the same', collect)
    .option('--dry-run', 'say what would be done')
    .option('-d, --detach', 'do not wait')
    .addHelpText(
      'after',
      example('sluice backfill olist --from 2018-08-01 --to 2018-08-08 --concurrency 3 --dry-run'),
    )
    .action(async (pipeline: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<BackfillOptions>(command);
      const { from, to, reprocess, transform, concurrency, table: tables } = options;
      const request = parseInput(
        backfillInput,
        { pipeline, from, to, reprocess, transform, concurrency, ...(tables ? { tables } : {}) },
        'The command line',
      );
      const now = toInstant(new Date());
      checkBackfill(registry, request, now); // says what is wrong before anything is started
      await withSession(options, output, async (session) => {
        const plan = await dryRun(session, registry, request, (what) => output.progress(what));
        if (options.dryRun || !(plan.total || plan.finish))
          return output.result(planDocument(plan), planText(plan));
        output.progress(planText(plan));
        const handle = await startBackfill(session, request, plan.range, whoAmI());
        output.progress(`backfill ${handle.workflowId}`);
        if (options.detach)
          return output.result({ backfillId: handle.workflowId }, `started ${handle.workflowId}`);
        const done = await follow(session, handle, output);
        if (done.cancelled) {
          throw new TerminalError(
            `Backfill ${handle.workflowId} was cancelled: ${done.succeeded} of ${done.total} intervals are done. Run it again with --reprocess failed to go on.`,
          );
        }
        output.result(
          { backfillId: handle.workflowId, ...done },
          `${done.succeeded} of ${done.total} intervals done`,
        );
      });
    });
}

/** Shows progress until the backfill ends. Ctrl-C ends the watching, not the backfill. */
async function follow(
  session: Session,
  handle: WorkflowHandle<typeof backfillPipeline>,
  output: Output,
): Promise<BackfillProgress> {
  const watch = { ended: false };
  const result = handle.result().finally(() => (watch.ended = true));
  result.catch(() => undefined); // awaited below
  output.farewell(goesOn(session, handle.workflowId));
  let said = '';
  const untaken = new UntakenTasks(session, output);
  const waits = new WaitsForInterval(output);
  while (!watch.ended) {
    await Promise.race([result.catch(() => undefined), delay(POLL_MS)]);
    const state = await handle.query<BackfillProgress>('progress').catch(() => undefined);
    void untaken.look([handle.workflowId, ...(state?.running ?? [])]);
    if (!state) {
      void waits.look(handle);
      continue;
    }
    const line = `  ${state.succeeded + state.failed}/${state.total} done${state.failed ? `, ${state.failed} failed` : ''}${state.paused ? ', paused' : ''}${state.running.length ? `; running ${state.running.join(', ')}` : ''}`;
    if (line !== said) output.progress(line);
    said = line;
  }
  output.farewell(undefined);
  try {
    return await result;
  } catch (error) {
    throw failureOf(error, handle.workflowId);
  }
}

const SHOWN = 6; // intervals at either end of a plan

/** The plan without its middle: as long for a thousand intervals as for twelve. */
function planDocument({ runs, ...plan }: BackfillPlan) {
  const shown = runs.map(({ interval }) => interval);
  return { ...plan, first: shown.slice(0, SHOWN), last: shown.slice(SHOWN).slice(-SHOWN) };
}

function planText(plan: BackfillPlan): string {
  const { loaded, failed } = plan.leftOut;
  const again = failed ? `, ${count(failed)} of which a later run has failed: see --reprocess failed` : '';
  const kept = plan.keptOut?.length
    ? `; without ${plan.keptOut.join(', ')}, whose snapshots are kept: the past cannot be read`
    : '';
  const rest = `${loaded ? ` (left out: ${count(loaded)} ${plan.byTasks ? 'done' : 'loaded'}${again})` : ''}${kept}`;
  const { pipeline, concurrency, transform } = plan.request;
  const range = intervalText(plan.range);
  if (!plan.total)
    return plan.finish
      ? `${pipeline}: one run over ${range}, as nothing of it goes by interval or only the end was left undone${rest}`
      : `${pipeline}: nothing to do in ${range}${rest}`;
  const { first, last } = planDocument(plan);
  const between = plan.total - first.length - last.length;
  const lines = [...first, ...last].map((interval) => `  ${intervalText(interval)}`);
  if (between) lines.splice(SHOWN, 0, `  … ${count(between)} more`);
  const once = plan.byTasks ? 'models and what follows them' : 'snapshot and incremental tables and models';
  const end = transform === 'once' && (plan.finish || !plan.byTasks) ? `; ${once} once, at the end` : '';
  return `${pipeline}: ${count(plan.total)} of ${count(plan.intervals)} intervals${rest}, ${concurrency} at a time${end}\n${lines.join('\n')}`;
}
