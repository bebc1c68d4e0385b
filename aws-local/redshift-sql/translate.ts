import { alterTable, type AlterTable } from './alter.ts';
import { copy, type Copy } from './copy.ts';
import { createTable, qualifiedName, type TableLayout } from './create.ts';
import { syntaxError, unsupported } from './error.ts';
import { expressions } from './expressions.ts';
import { maintenance, type Maintenance } from './maintenance.ts';
import { inlined, type LateBindingViews } from './late-binding.ts';
import { qualify } from './qualify.ts';
import { refuse } from './refusals.ts';
import { begins, isName, keyword, next, textOf, tokens, trimmed, type Token } from './tokens.ts';

export type Translated =
  | { readonly kind: 'copy'; readonly copy: Copy }
  | { readonly kind: 'widening'; readonly widening: NonNullable<AlterTable['widening']> }
  | {
      readonly kind: 'table';
      readonly text: string;
      readonly table: readonly string[];
      readonly layout: TableLayout;
    }
  /** A view that names its tables only when it is read. */
  | {
      readonly kind: 'late-binding';
      readonly name: readonly string[];
      readonly replace: boolean;
      /** As written, and as PostgreSQL reads it. */
      readonly query: string;
      readonly text: string;
    }
  | { readonly kind: 'maintenance'; readonly maintenance: Maintenance }
  /** Only noted by Redshift, nothing to run. */
  | { readonly kind: 'nothing'; readonly command: string }
  | {
      readonly kind: 'sql';
      readonly text: string;
      /** First word, upper case. */
      readonly command: string;
      /** TRUNCATE commits the transaction that it is in. */
      readonly commits: boolean;
    };

/**
 * One statement of Redshift for PostgreSQL.
 * @throws {RedshiftError} what Redshift refuses, and what this translator does not know to translate
 */
export function translate(statement: readonly Token[], views: LateBindingViews): Translated {
  const all = trimmed(statement);
  const copied = copy(all);
  if (copied) return { kind: 'copy', copy: copied };
  refuse(all);
  const altered = alterTable(all);
  if (altered?.widening) return { kind: 'widening', widening: altered.widening };
  if (altered) return altered.text ? sql(altered.text, 'ALTER') : { kind: 'nothing', command: 'ALTER TABLE' };
  const created = createTable(all);
  if (created) {
    const query = created.query ? textOf(reading(created.query, views)) : '';
    return { kind: 'table', text: created.head + query, table: created.table, layout: created.layout };
  }
  const view = lateBindingView(all, views);
  if (view) return view;
  const tidying = maintenance(all);
  if (tidying) return { kind: 'maintenance', maintenance: tidying };
  const command = keyword(all[0]).toUpperCase();
  switch (command) {
    case 'UNLOAD':
    case 'CALL':
      throw unsupported(`By this stand-in, ${command}`);
    case 'LOCK':
      return sql(lock(all), command);
    case 'MERGE':
      return sql(textOf(reading(merged(all), views)), command);
    case 'INSERT':
    case 'UPDATE':
    case 'DELETE':
      return sql(deleted(textOf(reading(all, views)), command), command);
    case 'TRUNCATE':
      return { ...sql(textOf(expressions(all)), command), commits: true };
    case 'SET':
      return REDSHIFTS_OWN.has(keyword(all[next(all, 1)]))
        ? { kind: 'nothing', command }
        : sql(textOf(expressions(all)), command);
    case 'SHOW':
    case 'RESET':
    case 'GRANT':
    case 'REVOKE':
    case 'COMMENT':
    case 'DROP':
      return sql(textOf(expressions(all)), command);
    default:
      return sql(textOf(reading(all, views)), command);
  }
}

/** Settings of a session that PostgreSQL lacks, and that change nothing here: there is no cache of results, and ANALYZE skips no table. */
const REDSHIFTS_OWN = new Set(['analyze_threshold_percent', 'enable_result_cache_for_session']);

/** @throws {RedshiftError} */
export function translateText(text: string, views: LateBindingViews): Translated {
  return translate(trimmed(tokens(text)), views);
}

function sql(text: string, command: string): Extract<Translated, { kind: 'sql' }> {
  return { kind: 'sql', text, command, commits: false };
}

function reading(all: readonly Token[], views: LateBindingViews): Token[] {
  return expressions(topped(qualify(inlined(all, views))));
}

/** SELECT TOP n … → SELECT … LIMIT n, at the outermost level only. */
function topped(all: readonly Token[]): readonly Token[] {
  const at = next(all, 0);
  const top = next(all, at + 1);
  if (keyword(all[at]) !== 'select' || keyword(all[top]) !== 'top') return all;
  const count = next(all, top + 1);
  if (all[count]?.kind !== 'number') return all;
  return [
    ...all.slice(0, top),
    ...all.slice(count + 1),
    { kind: 'symbol', text: ` LIMIT ${all[count].text}` },
  ];
}

/** LOCK takes no mode in Redshift. https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html */
function lock(all: readonly Token[]): string {
  const at = next(all, keyword(all[next(all, 1)]) === 'table' ? next(all, 1) + 1 : 1);
  const text = textOf(expressions(all.slice(at)));
  if (/\bin\b.+\bmode\b/i.test(text)) throw syntaxError('in');
  return `LOCK TABLE ${text} IN ACCESS EXCLUSIVE MODE`;
}

/** MERGE … REMOVE DUPLICATES is Redshift's own. */
function merged(all: readonly Token[]): readonly Token[] {
  if (all.some((token) => keyword(token) === 'remove'))
    throw unsupported('By this stand-in, MERGE … REMOVE DUPLICATES');
  return all;
}

/** DELETE may come without FROM. */
function deleted(text: string, command: string): string {
  return command === 'DELETE' && !/^delete\s+from\b/i.test(text)
    ? text.replace(/^delete\s+/i, 'DELETE FROM ')
    : text;
}

function lateBindingView(all: readonly Token[], views: LateBindingViews): Translated | undefined {
  let at = 0;
  if (keyword(all[at]) !== 'create') return undefined;
  at = next(all, 1);
  let replace = false;
  if (keyword(all[at]) === 'or') {
    replace = true;
    at = next(all, next(all, at + 1) + 1);
  }
  if (keyword(all[at]) !== 'view') return undefined;
  const solid = all
    .map((token, index) => ({ word: keyword(token), index, kind: token.kind }))
    .filter(({ kind }) => kind !== 'blank');
  const tail = solid.slice(-4);
  if (tail.map(({ word }) => word).join(' ') !== 'with no schema binding') return undefined;
  const { name, end } = qualifiedName(all, next(all, at + 1));
  if (!isName(all[end]) || keyword(all[end]) !== 'as')
    throw unsupported('By this stand-in, a late-binding view with a column list');
  const query = trimmed(all.slice(end + 1, tail[0]?.index));
  if (!begins(query, 'select') && !begins(query, 'with') && !begins(query, '('))
    throw syntaxError(query[0]?.text ?? 'as');
  return { kind: 'late-binding', name, replace, query: textOf(query), text: textOf(reading(query, views)) };
}
