import { columnDefinition, quote } from './columns.ts';
import { RedshiftError, syntaxError, unsupported } from './error.ts';
import { begins, closing, isName, keyword, list, next, textOf, valueOf, type Token } from './tokens.ts';

const COLUMN_LIMIT = 1600; // https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_usage.html

export interface TableLayout {
  readonly dist: string | undefined;
  readonly sort: readonly string[];
}

export interface CreateTable {
  /** For PostgreSQL. */
  readonly head: string;
  /** The query of CREATE TABLE AS. */
  readonly query: readonly Token[] | undefined;
  readonly table: readonly string[];
  readonly layout: TableLayout;
}

/** CREATE TABLE and CREATE TABLE AS; undefined for anything else. */
export function createTable(all: readonly Token[]): CreateTable | undefined {
  let at = next(all, 0);
  if (keyword(all[at]) !== 'create') return undefined;
  at = next(all, at + 1);
  let temporary = false;
  if (keyword(all[at]) === 'local') at = next(all, at + 1);
  if (['temp', 'temporary'].includes(keyword(all[at]))) {
    temporary = true;
    at = next(all, at + 1);
  }
  if (keyword(all[at]) !== 'table') return undefined;
  at = next(all, at + 1);
  let guard = '';
  if (keyword(all[at]) === 'if' && begins(all.slice(at), 'if', 'not', 'exists')) {
    for (let word = 0; word < 3; word++) at = next(all, at + 1);
    guard = 'IF NOT EXISTS ';
  }
  const { name, end } = qualifiedName(all, at);
  if (name.at(-1)?.startsWith('#')) temporary = true;
  at = end;
  let body: readonly Token[] | undefined;
  if (
    keyword(all[at]) === '(' &&
    !begins(all.slice(at + 1), 'select') &&
    !begins(all.slice(at + 1), 'with')
  ) {
    const close = closing(all, at);
    body = all.slice(at + 1, close);
    at = next(all, close + 1);
  }
  const attributes = tableAttributes(all, at);
  const head = `CREATE ${temporary ? 'TEMP ' : ''}TABLE ${guard}${name.map(quote).join('.')}`;
  if (attributes.as !== undefined) {
    const names = body ? ` (${list(body).map(textOf).join(', ')})` : '';
    return { head: `${head}${names} AS `, query: all.slice(attributes.as), table: name, layout: attributes };
  }
  if (!body) throw syntaxError(all[at]?.text ?? name.at(-1) ?? 'table');
  const definitions = columnsOf(body);
  if (definitions.length > COLUMN_LIMIT) {
    throw new RedshiftError('54011', `target lists can have at most ${COLUMN_LIMIT} entries`);
  }
  const layout = {
    dist: attributes.dist ?? definitions.find(({ distKey }) => distKey)?.name,
    sort: attributes.sort.length
      ? attributes.sort
      : definitions.filter(({ sortKey }) => sortKey).map(({ name: key }) => key),
  };
  const known = new Set(definitions.map((definition) => definition.name));
  for (const key of [layout.dist, ...layout.sort]) {
    if (
      key !== undefined &&
      !['even', 'all', 'auto'].includes(key) &&
      known.size &&
      !known.has(key) &&
      !isLike(body)
    )
      throw new RedshiftError('42703', `column "${key}" named in key does not exist`);
  }
  const text = isLike(body) ? textOf(body) : definitions.map((definition) => definition.text).join(', ');
  return { head: `${head} (${text})`, query: undefined, table: name, layout };
}

function isLike(body: readonly Token[]): boolean {
  return begins(body, 'like');
}

/** Keys of a table are information for the planner in Redshift: taken, and not enforced. */
function columnsOf(body: readonly Token[]) {
  return list(body)
    .filter((part) => !['primary', 'unique', 'foreign', 'constraint'].includes(keyword(part[0])))
    .map(columnDefinition);
}

export function qualifiedName(all: readonly Token[], start: number): { name: string[]; end: number } {
  const name: string[] = [];
  let at = start;
  for (;;) {
    const token = all[at];
    if (token?.text === '#') {
      const word = all[at + 1];
      name.push(`#${word ? valueOf(word) : ''}`);
      return { name, end: next(all, at + 2) };
    }
    if (!token || !isName(token)) throw syntaxError(token?.text ?? 'end of input');
    name.push(valueOf(token));
    at = next(all, at + 1);
    if (keyword(all[at]) !== '.') return { name, end: at };
    at = next(all, at + 1);
  }
}

/** BACKUP, DISTSTYLE, DISTKEY, SORTKEY and ENCODE, in any order; stops at AS. */
function tableAttributes(
  all: readonly Token[],
  start: number,
): TableLayout & { readonly as: number | undefined } {
  let dist: string | undefined;
  let sort: string[] = [];
  let at = start;
  while (at < all.length) {
    const word = keyword(all[at]);
    const following = next(all, at + 1);
    if (word === 'as') return { dist, sort, as: following };
    if (word === 'backup' || word === 'encode') at = next(all, following + 1);
    else if (word === 'interleaved') throw unsupported('By this stand-in, INTERLEAVED SORTKEY');
    else if (word === 'compound') at = following;
    else if (word === 'diststyle') {
      const style = keyword(all[following]);
      if (!['even', 'all', 'auto', 'key'].includes(style)) throw syntaxError(style);
      if (style !== 'key') dist = style;
      at = next(all, following + 1);
    } else if (word === 'distkey') {
      const close = closing(all, following);
      dist = list(all.slice(following + 1, close)).map((key) => (key[0] ? valueOf(key[0]) : ''))[0];
      at = next(all, close + 1);
    } else if (word === 'sortkey') {
      if (keyword(all[following]) === '(') {
        const close = closing(all, following);
        sort = list(all.slice(following + 1, close)).map((key) => (key[0] ? valueOf(key[0]) : ''));
        at = next(all, close + 1);
      } else at = next(all, following + 1);
    } else throw syntaxError(all[at]?.text ?? '');
  }
  return { dist, sort, as: undefined };
}
