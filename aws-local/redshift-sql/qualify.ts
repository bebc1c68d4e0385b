import { quote } from './columns.ts';
import { unsupported } from './error.ts';
import { isName, keyword, list, made, textOf, valueOf, type Token } from './tokens.ts';

/**
 * `SELECT a, b FROM t QUALIFY <condition>` → `SELECT a, b FROM (SELECT a, b, (<condition>) AS _qualified FROM t) WHERE _qualified`,
 * in every bracket of the text. The outer list needs names, so `*` is refused.
 */
export function qualify(all: readonly Token[]): Token[] {
  const opens: number[] = [];
  for (let at = 0; at < all.length; at++) {
    const token = all[at];
    if (token?.kind === 'symbol' && token.text === '(') opens.push(at);
    if (token?.kind === 'symbol' && token.text === ')') opens.pop();
    if (token?.kind !== 'word' || keyword(token) !== 'qualify') continue;
    const start = opens.length ? (opens.at(-1) ?? -1) + 1 : 0;
    const end = scopeEnd(all, at);
    return qualify([
      ...all.slice(0, start),
      ...rewritten(all.slice(start, at), all.slice(at + 1, end)),
      ...all.slice(end),
    ]);
  }
  return [...all];
}

function scopeEnd(all: readonly Token[], from: number): number {
  let depth = 0;
  for (let at = from; at < all.length; at++) {
    const token = all[at];
    if (
      token?.kind === 'word' &&
      !depth &&
      ['order', 'limit', 'union', 'except', 'intersect'].includes(keyword(token))
    )
      return at;
    if (token?.kind !== 'symbol') continue;
    if (token.text === '(') depth++;
    if (token.text === ')' && --depth < 0) return at;
  }
  return all.length;
}

function rewritten(query: readonly Token[], condition: readonly Token[]): Token[] {
  let depth = 0;
  let select = -1;
  let from = -1;
  for (const [at, token] of query.entries()) {
    if (token.kind === 'symbol' && token.text === '(') depth++;
    if (token.kind === 'symbol' && token.text === ')') depth--;
    if (depth || token.kind !== 'word') continue;
    if (keyword(token) === 'select') {
      select = at;
      from = -1;
    }
    if (keyword(token) === 'from' && from < 0) from = at;
  }
  if (select < 0 || from < 0) throw unsupported('QUALIFY without FROM');
  const columns = query.slice(select + 1, from);
  const names = list(columns).map(outputName);
  return [
    ...query.slice(0, select),
    made(
      `SELECT ${names.join(', ')} FROM (SELECT ${textOf(columns).trim()}, (${textOf(condition).trim()}) AS _qualified `,
    ),
    ...query.slice(from),
    made(') AS _all WHERE _qualified '),
  ];
}

function outputName(column: readonly Token[]): string {
  const solid = column.filter(({ kind }) => kind !== 'blank');
  const last = solid.at(-1);
  const before = solid.at(-2);
  if (last && isName(last) && (solid.length === 1 || ['.', 'as'].includes(keyword(before))))
    return quote(valueOf(last));
  throw unsupported(`By this stand-in, QUALIFY over a column without a name ("${textOf(column).trim()}")`);
}
