import { RedshiftError } from './error.ts';

/** A piece of SQL text. All tokens of a text, joined, are the text. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'symbol' | 'blank';
  readonly text: string;
}

const BLANK = /(?:\s+|--[^\n]*)+/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const QUOTED = /"(?:[^"]|"")*"/y;
// Redshift reads a backslash in a text as an escape, as PostgreSQL 8.0 did.
const STRING = /'(?:[^'\\]|''|\\[\s\S])*'/y;
const DOLLAR = /(\$\w*\$)[\s\S]*?\1/y;
const PARAMETER = /:[A-Za-z_]\w*|\$\d+/y;
const SYMBOL = /::|->>|->|<>|<=|>=|!=|\|\||:=|[^\s]/y;

/** Takes SQL text apart. @throws {RedshiftError} for a text, name or comment without end */
export function tokens(sql: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  const take = (kind: Token['kind'], pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const match = pattern.exec(sql);
    if (!match) return false;
    found.push({ kind, text: match[0] });
    at = pattern.lastIndex;
    return true;
  };
  while (at < sql.length) {
    if (sql.startsWith('/*', at)) {
      const end = commentEnd(sql, at);
      found.push({ kind: 'blank', text: sql.slice(at, end) });
      at = end;
      continue;
    }
    const taken =
      take('blank', BLANK) ||
      take('string', STRING) ||
      take('string', DOLLAR) ||
      take('quoted', QUOTED) ||
      take('number', NUMBER) ||
      take('word', WORD);
    if (taken) continue;
    if (sql[at] === "'" || sql[at] === '"') {
      throw new RedshiftError('42601', `unterminated quoted string at or near "${sql.slice(at, at + 20)}"`);
    }
    if (sql.startsWith('::', at) || !take('parameter', PARAMETER)) take('symbol', SYMBOL);
  }
  return found;
}

function commentEnd(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) {
      depth++;
      at++;
    } else if (sql.startsWith('*/', at)) {
      depth--;
      at++;
      if (!depth) return at + 1;
    }
  }
  throw new RedshiftError('42601', 'unterminated /* comment');
}

/** Lower-case text of a word, else the text: what keywords are compared by. */
export function keyword(token: Token | undefined): string {
  return token ? (token.kind === 'word' ? token.text.toLowerCase() : token.text) : '';
}

/** The statements of a text, without the blanks around them and without empty ones. */
export function statements(all: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of all) {
    if (token.kind === 'symbol' && token.text === ';') parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.map(trimmed).filter((part) => part.length > 0);
}

export function trimmed(all: readonly Token[]): Token[] {
  let start = 0;
  let end = all.length;
  while (start < end && all[start]?.kind === 'blank') start++;
  while (end > start && all[end - 1]?.kind === 'blank') end--;
  return all.slice(start, end);
}

export function textOf(all: readonly Token[]): string {
  return all.map(({ text }) => text).join('');
}

/** Index of the bracket that closes the one at `open`. */
export function closing(all: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < all.length; at++) {
    const token = all[at];
    if (token?.kind !== 'symbol') continue;
    if (token.text === '(' || token.text === '[') depth++;
    if (token.text === ')' || token.text === ']') depth--;
    if (!depth) return at;
  }
  throw new RedshiftError('42601', 'syntax error at end of input');
}

/** Splits at the commas that are in no bracket. */
export function list(all: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of all) {
    if (token.kind === 'symbol') {
      if (token.text === '(' || token.text === '[') depth++;
      if (token.text === ')' || token.text === ']') depth--;
      if (token.text === ',' && !depth) {
        parts.push([]);
        continue;
      }
    }
    parts.at(-1)?.push(token);
  }
  return parts.map(trimmed);
}

/** Index of the next token that is no blank, from `at` on. */
export function next(all: readonly Token[], at: number): number {
  while (all[at]?.kind === 'blank') at++;
  return at;
}

/** Index of the last token before `at` that is no blank; −1 where there is none. */
export function previous(all: readonly Token[], at: number): number {
  at--;
  while (at >= 0 && all[at]?.kind === 'blank') at--;
  return at;
}

/** Whether the tokens that are no blanks begin with these keywords. */
export function begins(all: readonly Token[], ...words: readonly string[]): boolean {
  const solid = all.filter(({ kind }) => kind !== 'blank');
  return words.every((word, at) => keyword(solid[at]) === word);
}

/** The value of a text or name token. */
export function valueOf(token: Token): string {
  if (token.kind === 'quoted') return token.text.slice(1, -1).replaceAll('""', '"').toLowerCase();
  if (token.kind === 'string') {
    return token.text
      .slice(1, -1)
      .replace(/''|\\([\s\S])/g, (_, escaped: string | undefined) => escaped ?? "'");
  }
  return token.text.toLowerCase();
}

export function isName(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'quoted';
}

/** Tokens made from text of our own. */
export function made(text: string): Token {
  return { kind: 'symbol', text };
}
