import type { Command } from 'commander';
import { inWords } from '../../core/duration.ts';
import { millisecondsOf } from '../../core/interval.ts';
import type { PlaceRecord } from '../../connectors/ledger/port.ts';
import { poolsNow } from '../../operations/pools.ts';
import { table } from '../output.ts';
import { withLedger } from '../session.ts';
import { example, invocation } from './globals.ts';

export function poolsCommand(command: Command): void {
  command
    .addHelpText('after', example('sluice pools'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      await withLedger(options, output, async ({ profile, ledger }) => {
        const pools = await poolsNow(ledger, profile);
        const rows = pools.flatMap(({ pool, size, held, waiting }) => [
          [pool, `${held.length} of ${size ?? 'no limit'}`, '', '', '', ''],
          ...held.map((place) => ['', 'holds', ...cells(place)]),
          ...waiting.map((place) => ['', 'waits', ...cells(place)]),
        ]);
        const none = `The profile limits nothing: it has no 'pools', and no connection has 'maxConcurrent'.`;
        output.result(
          pools,
          rows.length ? table(['pool', 'places', 'step', 'run', 'since', 'priority'], rows, [5]) : none,
        );
      });
    });
}

function cells({ step, workflowId, takenAt, askedAt, priority }: PlaceRecord): string[] {
  return [step, workflowId, inWords(Date.now() - millisecondsOf(takenAt ?? askedAt)), String(priority)];
}
