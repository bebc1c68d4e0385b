import { InvalidInput } from '../../../core/errors.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { Column, TableSchema } from '../../../core/schema.ts';
import { unknownColumns } from '../named-columns.ts';
import type { SourceColumn } from './catalog.ts';
import { overriddenCarriage } from './overrides.ts';
import { carriageOf, isRefusal, key, type Carriage } from './types.ts';

/** A column of the extraction: what it will be, and how it gets there. */
export interface CarriedColumn extends Column {
  readonly carriage: Carriage;
}

/**
 * Decides how every column of a table travels.
 * @throws {InvalidInput} with every problem at once: columns of no exact type, that may not be read, that differ only
 * by case, and names in `exclude`, `types` and `primaryKey` that the table does not have
 */
export function carryColumns(table: ResolvedTable, columns: readonly SourceColumn[]): CarriedColumn[] {
  const names = columns.map((column) => column.name);
  const problems = unknownColumns(table, names);
  const taken = new Map<string, string>();
  const carried: CarriedColumn[] = [];
  for (const column of columns.filter(({ name }) => !table.exclude.includes(name))) {
    const { name, nullable, type } = column;
    const twin = taken.get(name.toLowerCase());
    taken.set(name.toLowerCase(), name);
    const wanted = table.types[name];
    const carriage =
      wanted === undefined ? carriageOf(name, type) : overriddenCarriage(name, type, wanted, table.timezone);
    if (twin !== undefined)
      problems.push(
        `columns '${twin}' and '${name}' differ only by case, which Parquet readers do not tell apart; exclude one, or extract a view that renames it.`,
      );
    else if (!column.readable)
      problems.push(
        `column '${name}' may not be read: GRANT SELECT on the table to the connection's user, or exclude: [${JSON.stringify(key(name))}].`,
      );
    else if (isRefusal(carriage)) problems.push(carriage.refused);
    else carried.push({ name, type: carriage.type, nullable, carriage });
  }
  if (!problems.length && !carried.length) problems.push('no column is left to extract.');
  if (problems.length) throw new InvalidInput(`Table '${table.name}' (source ${table.from})`, problems);
  return carried;
}

export function schemaOf(columns: readonly CarriedColumn[]): TableSchema {
  return { columns: columns.map(({ name, type, nullable }) => ({ name, type, nullable })) };
}
