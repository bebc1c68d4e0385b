import type { PartitionInput, TableInput } from '@aws-sdk/client-glue';
import { InvalidInput } from '../../../core/errors.ts';
import type { CatalogTable } from '../port.ts';

/** Says of a database or table that Sluice has made it, and may make it anew. */
export const OWNER = { managed_by: 'sluice' } as const;

/** A dataset as Glue has it: a table, and a partition for each folder of files, by `keyOf`. */
export interface Shape {
  readonly schema: string;
  readonly table: TableInput & { readonly Name: string };
  readonly partitions: ReadonlyMap<string, PartitionInput>;
  /** Folders of files, which end with `/`, and the files that must be there and no others. */
  readonly folders: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Of Hive, where they are called otherwise: readers of the catalog know one kind of time, without a zone; ours are UTC. */
const CALLED: Readonly<Record<string, string>> = { timestamp_ntz: 'timestamp' };
const TYPES = /^(string|boolean|tinyint|smallint|int|bigint|float|double|date|timestamp|binary)$/;
/** Whose values stand in names of folders as they are. */
const KEY_TYPES = /^(string|tinyint|smallint|int|bigint|date)$/;
const DIGITS_MAX = 38;

const PARQUET = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  SerdeInfo: {
    SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
    Parameters: { 'serialization.format': '1' },
  },
};

/** @throws {InvalidInput} a column is of a type that the catalog cannot have */
export function shapeOf({ schema, table, columns, partitionedBy, folderUri, fileUris }: CatalogTable): Shape {
  const typed = columns.map(({ name, type }) => ({ Name: name, Type: CALLED[type] ?? type }));
  const isKey = ({ Name }: { readonly Name: string }) => partitionedBy.includes(Name);
  const problems = typed.flatMap((column) => problemOf(column.Name, column.Type, isKey(column)));
  if (problems.length) throw new InvalidInput(`${schema}.${table} as a table of the Glue catalog`, problems);

  const Columns = typed.filter((column) => !isKey(column));
  const PartitionKeys = partitionedBy.flatMap((name) => typed.filter(({ Name }) => Name === name));
  const folders = new Map<string, Set<string>>();
  for (const uri of fileUris) {
    const folder = uri.slice(0, uri.lastIndexOf('/') + 1);
    folders.set(folder, (folders.get(folder) ?? new Set()).add(uri));
  }
  const described = (Location: string) => ({ Columns, Location, ...PARQUET });
  const partitions = partitionedBy.length
    ? [...folders.keys()].map((folder) => {
        const Values = valuesOf(folder, partitionedBy.length);
        return [keyOf(Values), { Values, StorageDescriptor: described(folder) }] as const;
      })
    : [];
  // Without partitions all files lie in one folder; without files there is none to read.
  const location = partitionedBy.length ? `${folderUri}/` : ([...folders.keys()][0] ?? `${folderUri}/none/`);
  return {
    schema,
    table: {
      Name: table,
      TableType: 'EXTERNAL_TABLE',
      Parameters: { ...OWNER, EXTERNAL: 'TRUE', classification: 'parquet' },
      PartitionKeys,
      StorageDescriptor: described(location),
    },
    partitions: new Map(partitions),
    folders,
  };
}

export function keyOf(values: readonly string[]): string {
  return JSON.stringify(values);
}

function problemOf(name: string, type: string, isKey: boolean): string[] {
  if (isKey)
    return KEY_TYPES.test(type)
      ? []
      : [`'${name}' is a ${type}, and names folders: partition by whole numbers, dates or text.`];
  const digits = Number(/^decimal\((\d+),\d+\)$/.exec(type)?.[1] ?? 0);
  if (digits > DIGITS_MAX)
    return [
      `'${name}' is a ${type}: a decimal has at most ${DIGITS_MAX} digits there. Let the task round it, or write it as text.`,
    ];
  return digits || TYPES.test(type)
    ? []
    : [`'${name}' is a ${type}, which it does not have. Let the task write another type.`];
}

/** Of the folders that a file of a partition lies in, as Spark names them. */
function valuesOf(folder: string, keys: number): string[] {
  const names = folder.split('/').slice(0, -1).slice(-keys);
  return names.map((name) =>
    name
      .slice(name.indexOf('=') + 1)
      .replace(/%([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16))),
  );
}
