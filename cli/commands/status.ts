import type { Command } from 'commander';
import { dataUpTo, freshness, freshnessText } from '../../core/freshness.ts';
import { intervalText, toInstant } from '../../core/interval.ts';
import { onFilesOf } from '../../core/schedule.ts';
import { registry } from '../../pipelines/index.ts';
import { inRegistryOrHistory, noLonger } from '../../operations/known-pipeline.ts';
import { lookText } from '../look-text.ts';
import { briefly } from '../briefly.ts';
import { table } from '../output.ts';
import { overview, type Overview } from '../../operations/overview.ts';
import type { Pause, Pauses } from '../../operations/pauses.ts';
import { pausesNow } from '../pauses.ts';
import { withLedger } from '../session.ts';
import { status } from '../../operations/status-lines.ts';
import { STANDS_STILL } from '../stands-still.ts';
import { MARKS, statusGrid } from '../status-grid.ts';
import { example, invocation, wholeNumber } from './globals.ts';

export function statusCommand(command: Command): void {
  command
    .option('-n, --limit <intervals>', 'newest intervals to show', wholeNumber, 10)
    .addHelpText('after', example('sluice status', 'sluice status olist'))
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ limit: number }>(command);
      await withLedger(options, output, async ({ ledger, profile, stands }) => {
        if (name === undefined) {
          const [lines, paused] = await Promise.all([
            overview(ledger, registry.values(), new Date()),
            stands ? undefined : pausesNow(profile),
          ]);
          const all = lines.map((line) => ({ ...line, ...standingOf(line, paused) }));
          if (!paused && !stands)
            output.progress('Temporal does not answer, so it is not known which pipelines are paused.');
          if (stands && all.some(({ runs }) => runs.some(({ outcome }) => outcome === 'running')))
            output.progress(STANDS_STILL);
          const broken = [...registry.broken.values()].map(({ message }) => message);
          const left = broken.map((message) => `\nleft out: ${message}`).join('');
          return output.result({ pipelines: all, leftOut: broken }, `${overviewText(all)}${left}`);
        }
        const pipeline = await inRegistryOrHistory(ledger, registry, name);
        const now = new Date();
        const lines = await status(ledger, name, pipeline, options.limit, toInstant(now));
        if (stands && lines.some((line) => 'run' in line && line.run.outcome === 'running'))
          output.progress(STANDS_STILL);
        const look = pipeline && onFilesOf(pipeline.schedule) && (await ledger.lastLook(name));
        const fresh = pipeline && freshness(pipeline, await dataUpTo(ledger, pipeline), now);
        const none = `${name}: no runs yet. 'sluice run ${name}' starts one.`;
        const text = [
          ...(lines.length ? [statusGrid(lines)] : []),
          ...(lines.some((line) => 'run' in line) ? [] : [none]),
          ...(look ? [lookText(look)] : []),
        ].join('\n');
        const last = pipeline ? fresh && freshnessText(pipeline, fresh) : noLonger(registry, name);
        output.result(
          {
            pipeline: name,
            known: pipeline !== undefined,
            freshness: fresh ?? null,
            intervals: lines,
            ...(look && { files: look }),
          },
          last ? `${text}\n${last}` : text,
        );
      });
    });
}

/** Null: not known, or it is run by hand. */
interface InTemporal {
  readonly isDeployed: boolean | null;
  /** Null as well where there is no schedule to pause. */
  readonly paused: Pause | false | null;
}

function standingOf({ pipeline, isScheduled }: Overview, pauses: Pauses | undefined): InTemporal {
  if (!pauses || !isScheduled) return { isDeployed: null, paused: null };
  const standing = pauses.get(pipeline);
  return {
    isDeployed: standing !== undefined,
    paused: standing === 'goes on' ? false : (standing ?? null),
  };
}

function overviewText(all: readonly (Overview & InTemporal)[]): string {
  if (!all.length) return 'There is no pipeline yet: add a file to pipelines/.';
  const rows = all.map(({ pipeline, runs, nextDue, upTo, freshness: fresh, paused, isDeployed }) => [
    pipeline,
    runs.map(({ outcome }) => MARKS[outcome]).join(' '),
    runs[0] ? intervalText(runs[0].interval) : 'no runs yet',
    upTo === null ? nothingYet(pipeline) : minutes(upTo),
    fresh?.state ?? '',
    paused
      ? `paused${paused.note ? `: ${paused.note}` : ''}`
      : isDeployed === false
        ? 'not deployed'
        : nextDue === null
          ? ''
          : minutes(nextDue),
  ]);
  const failed = all.flatMap(({ runs: [newest] }) =>
    newest?.error ? [`${newest.workflowId}: ${briefly(newest.error)}`] : [],
  );
  const unseen = all.flatMap(({ pipeline, look }) =>
    look?.problem == null ? [] : [`${pipeline}: ${lookText(look)}`],
  );
  const head = ['pipeline', 'last runs', 'newest interval', 'loaded up to', 'fresh', 'next is due'];
  return [table(head, rows), ...failed, ...unseen].join('\n');
}

/** `2026-03-01 02:00Z` */
function minutes(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')}Z`;
}

/** As short as a column is. */
function nothingYet(name: string): string {
  return registry.get(name)?.tables.length ? 'not all tables' : 'no run yet';
}
