import type { Command } from 'commander';
import { openWarehouse } from '../../profiles/open.ts';
import { table } from '../output.ts';
import { withStores } from '../session.ts';
import { example, invocation, wholeNumber } from './globals.ts';

const DEFAULT_LIMIT = 1_000;

export function sqlCommand(command: Command): void {
  command
    .option('-n, --limit <rows>', 'rows at most', wholeNumber, DEFAULT_LIMIT)
    .addHelpText(
      'after',
      example(
        'sluice sql "select segment, count(*) from marts.mart_customer_segments group by 1"',
        'sluice sql --json "select 1 as one"',
      ),
    )
    .action(async (statement: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ limit: number }>(command);
      await withStores(options, output, async (profile) => {
        const warehouse = openWarehouse(profile);
        const { columns, rows } = await warehouse
          .query(statement, { limit: options.limit })
          .finally(() => warehouse.close());
        const names = columns.map((column) => column.name);
        const right = columns.flatMap((column, index) =>
          /INT|DECIMAL|DOUBLE|FLOAT|NUMERIC/i.test(column.type) ? [index] : [],
        );
        const cells = rows.map((row) => names.map((name) => cell(row[name])));
        output.result(
          rows,
          `${table(names, cells, right)}\n(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`,
        );
      });
    });
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '∅';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
