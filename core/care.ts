import { z } from 'zod';
import { InvalidInput } from './errors.ts';
import type { WarehouseLayout } from './warehouse-layout.ts';

/** When a table of the warehouse is due for care. What a warehouse does not count is not asked for. */
export interface CareLimits {
  /** Percent of rows that lie outside of the sort key's order: beyond it rows are sorted (default 5). */
  readonly unsorted: number;
  /** Percent of rows that are deleted and still take their place: beyond it that place is given back (default 5). */
  readonly deleted: number;
  /** How far statistics are off, 0 to 100 as the warehouse counts it: beyond it they are made anew (default 10). */
  readonly stale: number;
  /** How uneven an interleaved sort key is, from 1: beyond it the table is indexed anew (default 1.4). */
  readonly skew: number;
}

/** What a care task says of itself. */
export interface CareDefinition extends Partial<CareLimits> {
  /** Tables of the pipeline, by name: only they are cared for. Absent: they, its models and its marts. */
  readonly tables?: readonly string[];
  /** Whether tables whose `warehouse` says other keys than they have are made anew with those (default true). */
  readonly layout?: boolean;
}

/** A table, and the keys that its definition gives it. */
export interface WantedLayout {
  readonly table: string;
  readonly layout: WarehouseLayout;
}

/** A care task with its defaults; `layouts` are those of the pipeline's tables, as the definition has them. */
export interface Care {
  readonly limits: CareLimits;
  readonly tables?: readonly string[] | undefined;
  readonly layout: boolean;
  readonly layouts: readonly WantedLayout[];
}

const percent = z.number().min(0).max(100);

/** Redshift's own are 5 % for sorting and deletion, 10 for statistics; of a skew it says that 1.4 is worth a new index. */
const careLimits = z.strictObject({
  unsorted: percent.default(5),
  deleted: percent.default(5),
  stale: percent.default(10),
  skew: z.number().min(1).default(1.4),
});

export const care = careLimits
  .extend({
    tables: z.array(z.string().min(1)).min(1, 'must name a table, or be left out').optional(),
    layout: z.boolean().default(true),
  })
  .transform(({ tables, layout, ...limits }): Care => ({ limits, tables, layout, layouts: [] }));

/** Limits that were given as text. @throws {InvalidInput} with all problems, each naming its option */
export function limitsOf(given: Readonly<Record<string, string | undefined>>): CareLimits {
  const said = Object.entries(given).filter(([, text]) => text !== undefined);
  const parsed = careLimits.safeParse(Object.fromEntries(said.map(([name, text]) => [name, Number(text)])));
  if (parsed.success) return parsed.data;
  throw new InvalidInput(
    'The command line',
    parsed.error.issues.map(
      ({ path: [name] }) =>
        `--${String(name)}: '${given[String(name)] ?? ''}' is not ${name === 'skew' ? 'a number from 1' : 'a percentage, 0 to 100'}.`,
    ),
  );
}
