import { quote } from './columns.ts';
import { RedshiftError } from './error.ts';
import { isName, keyword, made, next, previous, textOf, tokens, valueOf, type Token } from './tokens.ts';

/** Queries of late-binding views by `schema.view`. */
export type LateBindingViews = ReadonlyMap<string, string>;

const DEPTH_LIMIT = 32;
const NO_ALIAS = new Set(
  'where group having order limit offset union except intersect minus join inner left right full cross natural on using qualify when set window'.split(
    ' ',
  ),
);

/**
 * Puts the query of a late-binding view in its place wherever a statement reads from it: so it binds when it is read, as in
 * Redshift, and holds no table fast.
 */
export function inlined(all: readonly Token[], views: LateBindingViews, depth = 0): Token[] {
  if (!views.size) return [...all];
  if (depth > DEPTH_LIMIT)
    throw new RedshiftError('42P17', 'infinite recursion detected in the rules of a view');
  const result: Token[] = [];
  for (let at = 0; at < all.length; at++) {
    const token = all[at] as Token;
    const reference = isName(token) && isRead(all, at) ? nameAt(all, at) : undefined;
    const query = reference && views.get(reference.parts.slice(-2).join('.'));
    if (!reference || query === undefined) {
      if (reference && reference.parts.length > 1) {
        result.push(...all.slice(at, reference.end));
        at = reference.end - 1;
      } else result.push(token);
      continue;
    }
    const following = all[next(all, reference.end)];
    const aliased = isName(following) && !(following?.kind === 'word' && NO_ALIAS.has(keyword(following)));
    const alias = aliased ? '' : ` AS ${quote(reference.parts.at(-1) ?? '')}`;
    result.push(made(`(${textOf(inlined(tokens(query), views, depth + 1))})${alias}`));
    at = reference.end - 1;
  }
  return depth ? result : tokens(textOf(result));
}

/** Whether a name stands where a table is read: after FROM, JOIN or a comma, and not after INTO, UPDATE or TABLE. */
function isRead(all: readonly Token[], at: number): boolean {
  const before = previous(all, at);
  const word = keyword(all[before]);
  if (word === 'from') return keyword(all[previous(all, before)]) !== 'delete';
  return word === 'join' || word === ',' || word === 'using';
}

function nameAt(all: readonly Token[], start: number): { parts: string[]; end: number } | undefined {
  const parts: string[] = [];
  let at = start;
  for (;;) {
    const token = all[at];
    if (!token || !isName(token)) return undefined;
    parts.push(valueOf(token));
    const dot = next(all, at + 1);
    if (keyword(all[dot]) !== '.') return { parts, end: at + 1 };
    at = next(all, dot + 1);
  }
}
