import { quote } from './columns.ts';
import { qualifiedName } from './create.ts';
import { syntaxError, unsupported } from './error.ts';
import { keyword, next, type Token } from './tokens.ts';

/** VACUUM or ANALYZE of one table. */
export interface Maintenance {
  readonly command: 'VACUUM' | 'ANALYZE';
  /** For PostgreSQL. */
  readonly text: string;
  /** `schema`, `table`; of ANALYZE without a table none. */
  readonly table: readonly string[];
  readonly sorts: boolean;
  readonly reclaims: boolean;
}

/** https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html, https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE.html */
export function maintenance(all: readonly Token[]): Maintenance | undefined {
  const command = keyword(all[0]);
  if (command === 'vacuum') return vacuum(all);
  if (command === 'analyze' || command === 'analyse') return analyze(all);
  return undefined;
}

function vacuum(all: readonly Token[]): Maintenance {
  const words = all.filter(({ kind }) => kind !== 'blank').map(keyword);
  const kind =
    ['sort', 'delete'].includes(words[1] ?? '') && words[2] === 'only' ? `${words[1] ?? ''} only` : words[1];
  if (kind === 'reindex' || kind === 'recluster')
    throw unsupported(`By this stand-in, VACUUM ${kind.toUpperCase()}`);
  let at = next(all, 1);
  if (kind === 'full') at = next(all, at + 1);
  else if (kind === 'sort only' || kind === 'delete only') at = next(all, next(all, at + 1) + 1);
  if (!all[at]) throw unsupported('By this stand-in, VACUUM without a table');
  const { name, end } = qualifiedName(all, at);
  const rest = all.slice(end).filter(({ kind: each }) => each !== 'blank');
  const [to, percent, word, boost] = rest;
  if (to && keyword(to) !== 'boost') {
    if (keyword(to) !== 'to') throw syntaxError(to.text);
    if (percent?.kind !== 'number' || Number(percent.text) > 100) throw syntaxError(percent?.text ?? 'to');
    if (keyword(word) !== 'percent') throw syntaxError(word?.text ?? percent.text);
    if (boost && keyword(boost) !== 'boost') throw syntaxError(boost.text);
  }
  return {
    command: 'VACUUM',
    text: `VACUUM ${name.map(quote).join('.')}`,
    table: name,
    sorts: kind !== 'delete only',
    reclaims: kind !== 'sort only',
  };
}

function analyze(all: readonly Token[]): Maintenance {
  let at = next(all, 1);
  if (keyword(all[at]) === 'verbose') at = next(all, at + 1);
  const none = { command: 'ANALYZE', sorts: false, reclaims: false } as const;
  if (!all[at]) return { ...none, text: 'ANALYZE', table: [] };
  if (keyword(all[at]) === 'compression') throw unsupported('By this stand-in, ANALYZE COMPRESSION');
  const { name } = qualifiedName(all, at);
  return { ...none, text: `ANALYZE ${name.map(quote).join('.')}`, table: name };
}
