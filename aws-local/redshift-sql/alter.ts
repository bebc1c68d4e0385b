import { bytesCheck, checkName, columnDefinition, columnType, quote } from './columns.ts';
import { qualifiedName } from './create.ts';
import { RedshiftError, unsupported } from './error.ts';
import { isName, keyword, list, next, textOf, valueOf, type Token } from './tokens.ts';

export interface AlterTable {
  /** For PostgreSQL; undefined where Redshift only notes it. */
  readonly text: string | undefined;
  /** A new type of a VARCHAR, which must not be shorter and not be within a transaction. */
  readonly widening?: { readonly table: readonly string[]; readonly column: string; readonly bytes: number };
}

/** ALTER TABLE, one action each as in Redshift; undefined for what PostgreSQL takes as it is. */
export function alterTable(all: readonly Token[]): AlterTable | undefined {
  let at = next(all, 0);
  if (keyword(all[at]) !== 'alter' || keyword(all[next(all, at + 1)]) !== 'table') return undefined;
  at = next(all, next(all, at + 1) + 1);
  const { name, end } = qualifiedName(all, at);
  const target = name.map(quote).join('.');
  const action = all.slice(end);
  const words = action.filter(({ kind }) => kind !== 'blank').map(keyword);
  const [first = '', second = ''] = words;
  if (first === 'append') throw unsupported('By this stand-in, ALTER TABLE APPEND');
  if (list(action).length > 1) throw unsupported('ALTER TABLE with several actions');
  if (first === 'add' && !['constraint', 'primary', 'unique', 'foreign', 'partition'].includes(second)) {
    const from = next(action, second === 'column' ? next(action, 1) + 1 : 1);
    const definition = columnDefinition(action.slice(from));
    if (definition.text.includes('NOT NULL') && !definition.text.includes('DEFAULT '))
      throw new RedshiftError(
        '0A000',
        'ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression',
      );
    return { text: `ALTER TABLE ${target} ADD COLUMN ${definition.text}` };
  }
  if (first === 'add') return { text: undefined };
  if (first === 'alter' && ['distkey', 'diststyle', 'sortkey', 'compound', 'encode'].includes(second))
    return { text: undefined };
  const column = action.filter(({ kind }) => kind !== 'blank')[second === 'column' ? 2 : 1];
  if (first === 'alter' && words.includes('type') && column && isName(column)) {
    const type = action.slice(action.findIndex((token) => keyword(token) === 'type') + 1);
    return {
      text: undefined,
      widening: { table: name, column: valueOf(column), bytes: varcharBytes(type, valueOf(column)) },
    };
  }
  if (first === 'alter' && words.includes('encode')) return { text: undefined };
  if (first === 'alter') throw unsupported('This ALTER COLUMN');
  if (first === 'drop' && second === 'constraint') return { text: undefined };
  return undefined;
}

function varcharBytes(type: readonly Token[], column: string): number {
  const found = /^varchar\((\d+)\)/.exec(columnType(type, column));
  if (!found || textOf(type).trim().toLowerCase() === 'text')
    throw new RedshiftError(
      '0A000',
      `cannot alter type of column "${column}": target data type is not supported.`,
    );
  return Number(found[1]);
}

/** Widens a VARCHAR, with the check of its bytes. */
export function widened(table: readonly string[], column: string, bytes: number): string {
  const target = table.map(quote).join('.');
  return (
    `ALTER TABLE ${target} DROP CONSTRAINT IF EXISTS ${quote(checkName(column))}, ` +
    `ALTER COLUMN ${quote(column)} TYPE varchar(${bytes}), ADD ${bytesCheck(column, bytes)}`
  );
}
