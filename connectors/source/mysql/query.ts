import type { Connection, FieldPacket } from 'mysql2/promise';
import { derivedTable, mustBeNamed } from '../query.ts';
import type { MysqlType } from './types.ts';

/** A query in the place of a table. */
export function queryRelation(name: string, query: string) {
  return { name: { schema: 'query', table: name }, sql: derivedTable(query), engine: null, query };
}

/** @throws {InvalidInput} columns that have no name of their own, or the same */
export async function queryColumns(client: Connection, table: string, sql: string) {
  const fields = await fieldsOf(client, sql, table);
  mustBeNamed(
    table,
    fields.map((field) => field.name),
  );
  return fields.map((field) => ({
    name: field.name,
    nullable: true, // of what an outer join gives, the server says otherwise
    readable: true,
    indexed: false,
    type: typeOf(field),
  }));
}

async function fieldsOf(client: Connection, sql: string, table: string): Promise<FieldPacket[]> {
  try {
    return (await client.query(`SELECT * FROM ${sql} LIMIT 0`))[1];
  } catch (error) {
    const twice = /Duplicate column name '(.*)'/.exec(String(error))?.[1];
    if (twice !== undefined) mustBeNamed(table, [twice, twice]);
    throw error;
  }
}

const BINARY_CHARSET = 63;
const FLAGS = { unsigned: 32, binary: 128, enum: 256, set: 2048 };
/** Bytes that a result keeps for a character. */
const CHARACTER_BYTES = 4;

/** What the protocol calls types, as the catalog calls them. @see https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html */
const NAMES: Readonly<Record<number, string>> = {
  0: 'decimal',
  1: 'tinyint',
  2: 'smallint',
  3: 'int',
  4: 'float',
  5: 'double',
  7: 'timestamp',
  8: 'bigint',
  9: 'mediumint',
  10: 'date',
  11: 'time',
  12: 'datetime',
  13: 'year',
  14: 'date',
  16: 'bit',
  245: 'json',
  246: 'decimal',
  247: 'enum',
  248: 'set',
  255: 'geometry',
};

function typeOf(field: FieldPacket): MysqlType {
  const code = field.columnType ?? field.type ?? -1;
  const flags = typeof field.flags === 'number' ? field.flags : 0;
  const length = field.columnLength ?? 0;
  const isBinary = field.characterSet === BINARY_CHARSET;
  const unsigned = (flags & FLAGS.unsigned) !== 0;
  const decimals = field.decimals;
  const name = NAMES[code] ?? textType(code, flags, isBinary);
  const precision = name === 'decimal' ? length - (decimals ? 1 : 0) - (unsigned ? 0 : 1) : length;
  return {
    name,
    declared: `${name}${name === 'decimal' ? `(${precision},${decimals})` : ''}${unsigned ? ' unsigned' : ''}`,
    unsigned,
    collation: isBinary ? null : flags & FLAGS.binary ? 'of_a_query_bin' : 'of_a_query',
    length: name === 'varchar' ? Math.floor(length / CHARACTER_BYTES) : null,
    precision,
    scale: decimals,
  };
}

function textType(code: number, flags: number, isBinary: boolean): string {
  if (code === 6) return 'varchar'; // of NULL alone
  if (flags & FLAGS.enum) return 'enum';
  if (flags & FLAGS.set) return 'set';
  const isLong = code >= 249 && code <= 252;
  if (isBinary) return isLong ? 'blob' : 'varbinary';
  return isLong ? 'text' : 'varchar';
}
