import { InvalidInput } from '../../../core/errors.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { Column, TableSchema } from '../../../core/schema.ts';
import { unknownColumns } from '../named-columns.ts';
import type { SourceColumn } from './catalog.ts';
import { carriageOf, isRefusal, key, overriddenCarriage, type Carriage } from './types.ts';

/** A column of the extraction: what it will be, and how it gets there. */
export interface CarriedColumn extends Column {
  readonly carriage: Carriage;
}

/**
 * Decides how every column of a table travels.
 * @throws {InvalidInput} with every problem at once: columns of no exact type, that may not be read, and names in `exclude`, `types`
 * and `primaryKey` that the table does not have
 */
export function carryColumns(table: ResolvedTable, columns: readonly SourceColumn[]): CarriedColumn[] {
  const names = columns.map((column) => column.name);
  const problems = unknownColumns(table, names);
  const carried: CarriedColumn[] = [];
  const zeroDates = table.zeroDates ?? 'fail';
  for (const { name, nullable, type, readable } of columns) {
    if (table.exclude.includes(name)) continue;
    const wanted = table.types[name];
    const carriage =
      wanted === undefined
        ? carriageOf(name, type, zeroDates)
        : overriddenCarriage(name, type, wanted, zeroDates);
    if (!readable)
      problems.push(
        `column '${name}' may not be read: GRANT SELECT on the table to the connection's user, or exclude: [${JSON.stringify(key(name))}].`,
      );
    else if (isRefusal(carriage)) problems.push(carriage.refused);
    else
      carried.push({
        name,
        type: carriage.type,
        nullable: nullable || nullsZeros(carriage, table),
        carriage,
      });
  }
  if (!problems.length && !carried.length) problems.push('no column is left to extract.');
  if (problems.length) throw new InvalidInput(`Table '${table.name}' (source ${table.from})`, problems);
  return carried;
}

export function schemaOf(columns: readonly CarriedColumn[]): TableSchema {
  return { columns: columns.map(({ name, type, nullable }) => ({ name, type, nullable })) };
}

/** Days that may be NULL in the files though they are not in the source. */
export function nullsZeros({ type }: Pick<Carriage, 'type'>, { zeroDates }: ResolvedTable): boolean {
  return zeroDates === 'null' && /^(date|timestamp)/.test(type);
}
