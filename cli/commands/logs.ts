import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { inWords } from '../../core/duration.ts';
import { TerminalError } from '../../core/errors.ts';
import { millisecondsOf } from '../../core/interval.ts';
import { stepKey } from '../../core/run.ts';
import type { AttemptRecord, RunRecord } from '../../connectors/ledger/port.ts';
import { withLedger, type Session } from '../session.ts';
import { example, invocation, wholeNumber } from './globals.ts';
import { newestRun } from '../../operations/find-run.ts';

const POLL_MS = 1_000;

export function logsCommand(command: Command): void {
  command
    .option('--attempt <number>', 'only this attempt of the steps', wholeNumber)
    .option('-f, --follow', 'go on until the run has ended')
    .addHelpText(
      'after',
      example(
        'sluice logs olist-2018-08-02T02:00:00Z',
        'sluice logs olist-2018-08-02T02:00:00Z transform --follow',
      ),
    )
    .action(async (id: string, step: string | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ attempt?: number; follow?: boolean }>(command);
      await withLedger(options, output, async ({ ledger }) => {
        const run = await newestRun({ ledger }, id);
        const wanted = ({ attempt, ...each }: AttemptRecord) =>
          (step === undefined || keyOf(each) === step) && attempt === (options.attempt ?? attempt);
        if (options.follow) {
          const asText = options.json ? asDocument : asLine;
          return follow(ledger, run.runId, wanted, (key, line) => output.part(asText(key, line)));
        }
        const attempts = await ledger.attempts(run.runId);
        const chosen = attempts.filter(wanted);
        if (!chosen.length) throw new TerminalError(nothing(run, step, options.attempt, attempts));
        output.result(
          chosen,
          chosen.map((each) => [headOf(each), ...each.log.map((line) => `  ${line}`)].join('\n')).join('\n'),
        );
      });
    });
}

/** Tells lines as they come, until the run has ended or nobody listens. */
async function follow(
  ledger: Session['ledger'],
  runId: string,
  wanted: (attempt: AttemptRecord) => boolean,
  tell: (step: string, line: string) => Promise<boolean>,
): Promise<void> {
  const told = new Map<string, readonly string[]>();
  for (;;) {
    const [run] = await ledger.runs({ id: runId, limit: 1 });
    for (const each of (await ledger.attempts(runId)).filter(wanted)) {
      const key = `${keyOf(each)} ${each.attempt}`;
      for (const line of newLines(told.get(key) ?? [], each.log))
        if (!(await tell(keyOf(each), line))) return;
      told.set(key, each.log);
    }
    if (run?.outcome !== 'running') return;
    await pause(POLL_MS);
  }
}

/** What a log has that it had not `before`, where its first lines may be gone and lines may be alike. */
export function newLines(before: readonly string[], log: readonly string[]): readonly string[] {
  const kept = before.findIndex((_, gone) => before.slice(gone).every((line, at) => line === log[at]));
  return log.slice(kept < 0 ? 0 : before.length - kept);
}

const asLine = (step: string, line: string) => `${step}  ${line}\n`;
const asDocument = (step: string, line: string) => `${JSON.stringify({ step, line })}\n`;

const keyOf = ({ step, table }: Pick<AttemptRecord, 'step' | 'table'>) => stepKey(step, table);

function headOf(each: AttemptRecord): string {
  const { attempt, outcome, startedAt, finishedAt, error } = each;
  const took =
    finishedAt === null ? '' : ` in ${inWords(millisecondsOf(finishedAt) - millisecondsOf(startedAt))}`;
  const head = `${keyOf(each)}, attempt ${attempt}: ${outcome}${took}`;
  return error === null ? head : `${head}: ${error}`;
}

function nothing(
  { workflowId: run, outcome }: Pick<RunRecord, 'workflowId' | 'outcome'>,
  step: string | undefined,
  attempt: number | undefined,
  attempts: readonly AttemptRecord[],
): string {
  const keys = [...new Set(attempts.map(keyOf))];
  if (!keys.length)
    return outcome === 'running'
      ? `No step of run '${run}' has begun yet.`
      : `The ledger has no attempts of run '${run}': none was begun, or they are older than it keeps them ('keepAttempts'). 'sluice runs --run ${run}' shows how its steps ended.`;
  if (step !== undefined && !keys.includes(step)) {
    return `No step '${step}' of run '${run}' has begun. Begun were: ${keys.join(', ')}.`;
  }
  return `Run '${run}' has no attempt ${attempt ?? ''} ${step === undefined ? 'of any step' : `of '${step}'`}.`;
}
