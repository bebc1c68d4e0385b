import { quote } from './columns.ts';
import { unsupported } from './error.ts';
import { closing, keyword, list, made, next, textOf, trimmed, valueOf, type Token } from './tokens.ts';

/** Functions whose first argument may be a date part without quotes. */
const DATE_PARTS = new Set([
  'datediff',
  'date_diff',
  'dateadd',
  'date_add',
  'date_part',
  'date_trunc',
  'months_between',
  'pgdate_part',
]);
const PARTS =
  /^(?:millenniums?|century|centuries|decades?|years?|yr|yrs|y|quarters?|qtr|qtrs|months?|mon|mons|weeks?|w|days?|d|dow|doy|dayofweek|dayofyear|hours?|hr|hrs|h|minutes?|min|mins|m|seconds?|sec|secs|s|milliseconds?|ms|msec|microseconds?|us|usec|epoch)$/i;

/** Rewrites names and functions that PostgreSQL spells otherwise, wherever they are. Strings and comments stay as they are. */
export function expressions(all: readonly Token[]): Token[] {
  const result: Token[] = [];
  for (let at = 0; at < all.length; at++) {
    const token = all[at] as Token;
    // Redshift folds names to lower case even when they are quoted.
    if (token.kind === 'quoted') {
      result.push({ kind: 'quoted', text: quote(valueOf(token)) });
      continue;
    }
    const word = keyword(token);
    if (token.kind !== 'word') {
      result.push(token);
      continue;
    }
    const open = next(all, at + 1);
    const called = keyword(all[open]) === '(';
    if (called && DATE_PARTS.has(word)) {
      const close = closing(all, open);
      result.push(made(`${word}(${datePart(all.slice(open + 1, close))})`));
      at = close;
    } else if (called && word === 'listagg') {
      const aggregated = listagg(all, open);
      result.push(made(aggregated.text));
      at = aggregated.end;
    } else if (called && word === 'convert') {
      const close = closing(all, open);
      const [type = [], value = []] = list(all.slice(open + 1, close));
      result.push(made(`CAST(${textOf(expressions(value))} AS ${textOf(type)})`));
      at = close;
    } else if (word === 'pg_catalog' && /^\.(?:svv|stv|stl|sys)_/.test(textOf(all.slice(at + 1, at + 3)))) {
      result.push(made('aws_local'));
    } else if (!called && word === 'sysdate') result.push(made('LOCALTIMESTAMP'));
    else if (called && word === 'any_value') result.push(made('aws_local.any_value'));
    else if (word === 'minus' && !called) result.push(made('EXCEPT'));
    else if (called && (word === 'approximate' || word === 'object_transform')) throw unsupported(word);
    else result.push(token);
  }
  return result;
}

function datePart(inside: readonly Token[]): string {
  const [part = [], ...rest] = list(inside);
  const first = part[0];
  const quoted = part.length === 1 && first?.kind === 'word' && PARTS.test(first.text);
  return [
    quoted ? `'${first.text.toLowerCase()}'` : textOf(expressions(part)),
    ...rest.map((one) => textOf(expressions(one))),
  ].join(', ');
}

/** LISTAGG(x, ',') WITHIN GROUP (ORDER BY y) → string_agg(x::text, ',' ORDER BY y) */
function listagg(all: readonly Token[], open: number): { text: string; end: number } {
  const close = closing(all, open);
  const [value = [], delimiter] = list(all.slice(open + 1, close));
  let end = close;
  let order = '';
  const within = next(all, close + 1);
  if (keyword(all[within]) === 'within') {
    const group = next(all, next(all, within + 1) + 1);
    end = closing(all, group);
    order = ` ${textOf(expressions(all.slice(group + 1, end)))}`;
  }
  const distinct = keyword(value[0]) === 'distinct';
  const what = textOf(expressions(distinct ? trimmed(value.slice(1)) : value));
  const between = delimiter ? textOf(expressions(delimiter)) : `''`;
  return { text: `string_agg(${distinct ? 'DISTINCT ' : ''}(${what})::text, ${between}${order})`, end };
}
