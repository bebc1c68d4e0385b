import { TerminalError } from '../../../core/errors.ts';
import type { SchemaChange } from '../../../core/evolution.ts';
import { layoutColumns, type WarehouseLayout } from '../../../core/pipeline.ts';
import type { Column } from '../../../core/schema.ts';
import { OWN_COLUMNS, redshiftType, type JsonAs } from './ddl.ts';
import { folded } from './text.ts';

/**
 * Holds a layout against the columns that the table has or is about to get.
 * @throws {TerminalError} naming every column that is not there, or that Redshift takes for no key
 */
export function mustBeKeys(
  label: string,
  columns: readonly Column[],
  layout: WarehouseLayout,
  json: JsonAs,
): void {
  const types = new Map(columns.map(({ name, type }) => [folded(name), redshiftType(type, json)]));
  for (const [name, type] of Object.entries(OWN_COLUMNS)) types.set(name, type);
  const keys = layoutColumns(layout);
  const missing = keys.filter((name) => !types.has(folded(name)));
  if (missing.length) {
    const names = missing.map((name) => `'${name}'`).join(', ');
    throw new TerminalError(
      `${label}: 'warehouse' in the pipeline names ${names}, which the table does not have: ${[...types.keys()].join(', ')}. ` +
        `Correct 'dist' or 'sort' there.`,
    );
  }
  // https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
  const parsed = keys.find((name) => types.get(folded(name)) === 'SUPER');
  if (parsed === undefined) return;
  throw new TerminalError(
    `${label}: 'warehouse' in the pipeline names '${parsed}', which is JSON and kept as SUPER; Redshift takes no such column as a key. ` +
      `Take it out of 'dist' and 'sort'.`,
  );
}

/** A sort or distribution key cannot be dropped, so its type cannot be changed by taking its values over. */
export function mustNotWidenKey(label: string, change: SchemaChange, layout: WarehouseLayout): void {
  const keys = layoutColumns(layout).map(folded);
  const column = change.widened.find(({ name, to }) => keys.includes(name) && !to.startsWith('string'));
  if (!column) return;
  throw new TerminalError(
    `${label}: column '${column.name}' is ${column.from} and needs ${column.to}, but a sort or distribution key cannot change its type in Redshift. ` +
      `State its type under 'types', or drop ${label} and load its history again.`,
  );
}
