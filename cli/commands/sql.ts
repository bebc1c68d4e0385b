import type { Command } from 'commander';
import { openWarehouse } from '../../profiles/open.ts';
import type { QueryBatch, Warehouse } from '../../connectors/warehouse/port.ts';
import { InvalidInput } from '../../core/errors.ts';
import { count, type Output } from '../output.ts';
import { csvParts, jsonParts } from '../row-text.ts';
import { peoplesTable } from '../rows.ts';
import { withStores } from '../session.ts';
import { example, invocation, wholeNumber } from './globals.ts';

interface SqlOptions {
  readonly limit?: number;
  readonly csv?: boolean;
}

const PEOPLES_LIMIT = 1_000; // rows; machines get all

export function sqlCommand(command: Command): void {
  command
    .option(
      '-n, --limit <rows>',
      `rows at most (default: ${PEOPLES_LIMIT}; all with --json or --csv)`,
      wholeNumber,
    )
    .option('--csv', 'comma-separated values with a header line; NULL is empty, an empty text ""')
    .addHelpText(
      'after',
      example(
        'sluice sql "select segment, count(*) from olist.mart_customer_segments group by 1"',
        'sluice sql --json "select 1 as one"',
        'sluice sql --csv "from olist.fct_orders" > orders.csv',
      ),
    )
    .action(async (statement: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<SqlOptions>(command);
      if (options.csv && options.json)
        throw new InvalidInput('The command line', ['--csv and --json: give one of them.']);
      await withStores(options, output, async (profile) => {
        const warehouse = await openWarehouse(profile);
        const give = options.json ? giveJson : options.csv ? giveCsv : givePeople;
        await give(warehouse, statement, options.limit, output).finally(() => warehouse.close());
      });
    });
}

type Give = (
  warehouse: Warehouse,
  statement: string,
  limit: number | undefined,
  output: Output,
) => Promise<void>;

const givePeople: Give = async (warehouse, statement, limit, output) => {
  const { columns, rows, truncated } = await warehouse.query(statement, {
    limit: limit ?? PEOPLES_LIMIT,
    owned: true,
  });
  const { text, cut } = peoplesTable(columns, rows);
  const notes = [
    truncated
      ? `the first ${count(rows.length)} of more rows; --limit gives more, --csv and --json all`
      : `${count(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`,
    ...(cut
      ? [`${count(cut)} wide ${cut === 1 ? 'value' : 'values'} cut; --csv and --json give them whole`]
      : []),
  ];
  output.result(rows, `${text}\n(${notes.join(') (')})`);
};

/** One array, a row a line, so that what reads by lines can. */
const giveJson: Give = async (warehouse, statement, limit, output) => {
  let before = '[\n';
  const give = async (batch: QueryBatch) => {
    const first = before;
    before = ',\n';
    return allOf(jsonParts(batch, first), output);
  };
  await warehouse.read(statement, give, { owned: true, ...(limit === undefined ? {} : { limit }) });
  await output.part(before === '[\n' ? '[]\n' : '\n]\n');
};

const giveCsv: Give = async (warehouse, statement, limit, output) => {
  const head = (columns: QueryBatch['columns']) => csvParts({ values: columns.map(({ name }) => [name]) });
  let batches = 0;
  const give = async (batch: QueryBatch) =>
    (batches++ > 0 || (await allOf(head(batch.columns), output))) && allOf(csvParts(batch), output);
  const { columns } = await warehouse.read(statement, give, {
    owned: true,
    ...(limit === undefined ? {} : { limit }),
  });
  if (!batches) await allOf(head(columns), output);
};

/** @returns false once nobody reads it any more */
async function allOf(parts: Iterable<string>, output: Output): Promise<boolean> {
  for (const part of parts) if (!(await output.part(part))) return false;
  return true;
}
