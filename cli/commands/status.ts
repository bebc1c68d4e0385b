import type { Command } from 'commander';
import { inWords } from '../../core/duration.ts';
import { dataUpTo, freshness, freshnessText } from '../../core/freshness.ts';
import { intervalText, millisecondsOf, toInstant } from '../../core/interval.ts';
import { STEPS, type Outcome } from '../../core/run.ts';
import { registry } from '../../pipelines/index.ts';
import { inRegistryOrHistory, noLonger } from '../known-pipeline.ts';
import { count, table } from '../output.ts';
import { withLedger } from '../session.ts';
import { MOST_COUNTED, status, type StatusLine, type StepCell } from '../status-lines.ts';
import { example, invocation, wholeNumber } from './globals.ts';

const MARKS: Record<Outcome, string> = { succeeded: '✓', failed: '✗', cancelled: '⊘', running: '…' };

export function statusCommand(command: Command): void {
  command
    .option('-n, --limit <intervals>', 'newest intervals to show', wholeNumber, 10)
    .addHelpText('after', example('sluice status olist'))
    .action(async (name: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ limit: number }>(command);
      await withLedger(options, output, async ({ ledger }) => {
        const pipeline = await inRegistryOrHistory(ledger, registry, name);
        const now = new Date();
        const lines = await status(ledger, name, pipeline, options.limit, toInstant(now));
        const fresh = pipeline && freshness(pipeline, await dataUpTo(ledger, pipeline), now);
        const none = `${name}: no runs yet. 'sluice run ${name}' starts one.`;
        const text = [
          ...(lines.length ? [grid(lines)] : []),
          ...(lines.some((line) => 'run' in line) ? [] : [none]),
        ].join('\n');
        const last = pipeline ? fresh && freshnessText(pipeline, fresh) : noLonger(name);
        output.result(
          { pipeline: name, known: pipeline !== undefined, freshness: fresh ?? null, intervals: lines },
          last ? `${text}\n${last}` : text,
        );
      });
    });
}

function grid(lines: readonly StatusLine[]): string {
  const rows = lines.map((line) => {
    if ('missing' in line) return ['·', intervalText(line.interval), missingText(line)];
    const { run } = line;
    const took =
      run.finishedAt === null
        ? 'running'
        : inWords(millisecondsOf(run.finishedAt) - millisecondsOf(run.startedAt));
    return [
      MARKS[run.outcome],
      intervalText(line.interval),
      ...STEPS.map((step) => cellText(line.steps[step])),
      count(line.rows),
      took,
      run.kind,
    ];
  });
  const errors = lines.flatMap((line) => {
    if (!('run' in line)) return [];
    const said = [...(line.run.error ? [line.run.error] : []), ...line.waiting];
    return said.map((text) => `${line.run.workflowId}: ${text}`);
  });
  return [table(['', 'interval', ...STEPS, 'rows', 'took', 'kind'], rows, [7]), ...errors].join('\n');
}

/** In a cell of its own: a long one would widen the column of every other line. */
function missingText({ missing, tables, stretches }: Extract<StatusLine, { missing: number }>): string {
  const number = missing < MOST_COUNTED ? count(missing) : `${count(missing)} or more`;
  return `${number} not loaded (${tables.length > 1 ? `${tables.length} tables` : (tables[0] ?? '')})${stretches ? `, in ${count(stretches)} stretches` : ''}`;
}

function cellText(cell: StepCell | undefined): string {
  if (!cell) return '';
  const { done, failed, running } = cell;
  const parts = [done ? `✓ ${done}` : '', failed ? `✗ ${failed}` : '', running ? `… ${running}` : ''];
  return parts.filter(Boolean).join(' ');
}
