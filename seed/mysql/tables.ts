import { readFile } from 'node:fs/promises';
import type { DeclaredColumn } from '../declared.ts';
import { olistTables, type OlistTable } from '../olist/tables.ts';

/** Names in schema.sql that PostgreSQL's catalog spells in full. */
const SPELLED: Readonly<Record<string, string>> = {
  varchar: 'character varying',
  timestamp: 'timestamp without time zone',
};
/** The shop's keys and what it searches by: a text in them has a length in MySQL. */
const KEYS: Readonly<Partial<Record<OlistTable, readonly string[]>>> = {
  customers: ['PRIMARY KEY (customer_id)'],
  products: ['PRIMARY KEY (product_id)'],
  sellers: ['PRIMARY KEY (seller_id)'],
  product_category_name_translation: ['PRIMARY KEY (product_category_name)'],
  orders: ['PRIMARY KEY (order_id)', 'KEY (order_purchase_timestamp)', 'KEY (customer_id)'],
  order_items: ['PRIMARY KEY (order_id, order_item_id)', 'KEY (product_id)'],
  order_payments: ['PRIMARY KEY (order_id, payment_sequential)'],
  order_reviews: ['PRIMARY KEY (review_id, order_id)', 'KEY (review_creation_date)'],
  leads_qualified: ['PRIMARY KEY (mql_id)'],
  leads_closed: ['PRIMARY KEY (mql_id)'],
};
const KEY_TEXT = 'varchar(100)';

export type Declared = ReadonlyMap<OlistTable, readonly DeclaredColumn[]>;

/** The columns of every table, as `olist/schema.sql` declares them. */
export async function declaredTables(): Promise<Declared> {
  const sql = await readFile(new URL('../olist/schema.sql', import.meta.url), 'utf8');
  return new Map(olistTables.map((table) => [table, columnsOf(sql, table)]));
}

/** MySQL's statement for a table of these columns, under a name of the moment: InnoDB, utf8mb4, money as decimals, times to the second. */
export function createStatement(
  quoted: string,
  table: OlistTable,
  columns: readonly DeclaredColumn[],
): string {
  const keys = KEYS[table] ?? [];
  const isKey = (name: string) => keys.some((key) => new RegExp(`\\b${name}\\b`).test(key));
  const lines = columns.map(
    ({ name, type, notNull }) =>
      `\`${name}\` ${mysqlType(type, isKey(name))}${notNull ? ' NOT NULL' : ' NULL'}`,
  );
  return `CREATE TABLE ${quoted} (\n  ${[...lines, ...keys].join(',\n  ')}\n) ENGINE=InnoDB CHARACTER SET utf8mb4`;
}

function columnsOf(sql: string, table: OlistTable): DeclaredColumn[] {
  const body = new RegExp(`create table public\\.${table} \\(\\n([^]*?)\\n\\);`).exec(sql)?.[1];
  if (body === undefined) throw new Error(`schema.sql has no table ${table}`);
  return [...body.matchAll(/^ {2}(\w+) (double precision|\w+)(?: ?\((\d+)(?:, (\d+))?\))?(.*)$/gm)].flatMap(
    ([, name = '', base = '', first, second, rest = '']) => {
      const size = [first, second].filter((each) => each !== undefined).join(',');
      const type = `${SPELLED[base] ?? base}${size ? `(${size})` : ''}`;
      return [{ name, type, notNull: rest.includes('not null') }];
    },
  );
}

function mysqlType(type: string, inKey: boolean): string {
  if (type === 'text') return inKey ? KEY_TEXT : 'text';
  return type
    .replace('character varying', 'varchar')
    .replace('timestamp without time zone', 'datetime')
    .replace('numeric', 'decimal')
    .replace('double precision', 'double');
}
