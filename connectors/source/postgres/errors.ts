import { UNTRUSTED } from '../../postgres/tls.ts';
import { isOfStatement, ownWords, withoutValues } from '../../../core/values.ts';
import {
  LoginRefused,
  PipelineError,
  TerminalError,
  TransientError,
  Unreachable,
  messageOf,
} from '../../../core/errors.ts';

/** What an error is about, for its message. */
export interface Subject {
  /** The connection's name in the profile. */
  readonly connection: string;
  /** `user@host:port/database`. */
  readonly address: string;
  /** `schema.table`, where one is being read. */
  readonly table?: string;
  readonly password: string;
}

interface Rule {
  /** SQLSTATE of PostgreSQL, or the errno name of Node. */
  readonly code: RegExp;
  /** The same failure in the words of libpq, which DuckDB passes on without a code. */
  readonly text: RegExp;
  readonly kind: keyof typeof KINDS;
  readonly advice: string;
}

// The order counts: the first rule that fits speaks. @see https://www.postgresql.org/docs/current/errcodes-appendix.html
const RULES: readonly Rule[] = [
  rule(
    /^(28P01|28000)$/,
    /(password|ident|peer|certificate) authentication failed|no password supplied|no pg_hba\.conf entry|SASL/i,
    'refused',
    `Correct user and password of the connection, and the server's pg_hba.conf. (What it has from environment variables, a worker reads once: restart it.)`,
  ),
  rule(
    UNTRUSTED,
    /server does not support SSL|certificate verify failed|server certificate for .* does not match|root certificate file/i,
    'terminal',
    `Correct 'ssl' or 'host' of the connection: the server's certificate is not trusted, is another host's, or there is none.`,
  ),
  rule(
    /^3D000$/,
    /database ".*" does not exist/i,
    'terminal',
    'Correct the database of the connection, or create it.',
  ),
  rule(
    /^(ENOTFOUND|EAI_NONAME|EAI_AGAIN)$/,
    /could not translate host name|Name or service not known|ENOTFOUND|EAI_AGAIN/i,
    'unreachable', // a container's name is unknown while it restarts, and so is a database's while it fails over
    'Correct the host of the connection, or see that the server runs.',
  ),
  rule(
    /^(ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|57P03|53300|53400)$/,
    /connection refused|timeout expired|No route to host|the database system is (starting|shutting|in recovery|not (yet )?accepting)|not accepting connections|too many (clients|connections)|remaining connection slots/i,
    'unreachable',
    'See that the server runs, listens there and has connections to spare.',
  ),
  rule(
    /^(ECONNRESET|ECONNABORTED|EPIPE|57P0[0-25]|57000|58...|08...)$/,
    /server closed the connection|connection (to server )?was lost|terminating connection|Connection terminated|connection error and is not queryable|Client was closed|Connection ended|socket hang up|SSL connection has been closed|no connection to the server|could not receive data|could not send data/i,
    'unreachable',
    'The connection was lost; the next attempt starts from a new snapshot.',
  ),
  rule(
    /^(40...|72000)$/,
    /conflict with recovery|could not serialize|deadlock detected/i,
    'unreachable',
    'The standby gave up the query to keep up; raise max_standby_streaming_delay, set hot_standby_feedback, or extract from the primary.',
  ),
  rule(
    /^(57014|25P04)$/,
    /statement timeout|transaction timeout|canceling statement due to user request/i,
    'transient', // the same scan takes as long again: tried as often as the pipeline allows, not for half an hour
    `A timeout of the server or an administrator ended the query; raise statement_timeout for the connection's user.`,
  ),
  rule(
    /^55P03$/,
    /lock timeout|could not obtain lock/i,
    'unreachable',
    'The table is locked, most likely by a change of its definition; try again when that is done.',
  ),
  rule(
    /^42501$/,
    /permission denied|row-level security/i,
    'terminal',
    `GRANT SELECT on the table (and USAGE on its schema) to the connection's user; where row security hides rows, grant BYPASSRLS or extract a view.`,
  ),
  rule(/^42P01$/, /relation ".*" does not exist/i, 'terminal', `Correct 'from' of the table, or create it.`),
  rule(
    /^(ENOSPC|EDQUOT)$/,
    /No space left on device|disk quota/i,
    'terminal',
    'Free space where the files are written, then run again.',
  ),
  rule(
    /^(EACCES|EROFS|ENOENT|ENOTDIR)$/,
    /Read-only file system|Cannot open file .*(Permission denied|No such file|Not a directory)/i,
    'terminal',
    'See that the folder is there, and writable for the worker.',
  ),
  rule(
    /^22021$/,
    /invalid byte sequence for encoding/i,
    'terminal',
    'A text holds bytes that are not in the encoding of the database; correct them there, or exclude the column.',
  ),
  rule(
    /^XX00[12]$/,
    /invalid page in block|missing chunk number/i,
    'terminal',
    'The table is damaged in the source; restore it there.',
  ),
  rule(
    /^$/,
    /Out of Memory Error/,
    'terminal',
    `The table's rows are very wide: raise memoryLimit of the connection, or exclude the widest columns.`,
  ),
  rule(
    /^(0A|20|21|22|23|26|2F|34|38|39|3D|3F|42|44|54|F0|HV)...$/,
    /^(Binder|Parser|Catalog|Conversion|Constraint|Out of Range|Invalid Input|Not implemented|Mismatch Type|Invalid Type) Error/,
    'terminal',
    'Correct the table or its definition, and run again.',
  ),
  rule(
    /^53[12]00$/,
    /ERROR:\s+out of memory|could not write.*temporary file/i,
    'unreachable',
    'The server ran out of memory or disk; free some and run again.',
  ),
];

const KINDS = {
  terminal: TerminalError,
  refused: LoginRefused,
  transient: TransientError,
  unreachable: Unreachable,
} as const;

/** Turns anything that PostgreSQL, libpq, DuckDB or the file system throws into one of the two kinds of failure. Ours pass through. */
export function translate(error: unknown, subject: Subject): PipelineError {
  if (error instanceof PipelineError) return error;
  const code = codeOf(error);
  const text = cleaned(messageOf(error), subject);
  const own = ownWords(text);
  const found =
    RULES.find((candidate) => code !== undefined && candidate.code.test(code)) ??
    RULES.find((candidate) => candidate.text.test(own) && !(mayPass(candidate) && isOfStatement(text)));
  const place = `${subject.table ? `Table ${subject.table} of source` : 'Source'} '${subject.connection}' (${subject.address})`;
  const message = `${place}: ${text}${/[.!?]$/.test(text) ? '' : '.'} ${found?.advice ?? 'This was not expected, and may pass. If it stays, see the message, correct the table or its definition, and run again.'}`;
  // No cause: the vendor's error may hold the connection string.
  return new KINDS[found?.kind ?? 'transient'](message);
}

function mayPass({ kind }: Rule): boolean {
  return kind === 'transient' || kind === 'unreachable';
}

function rule(code: RegExp, text: RegExp, kind: Rule['kind'], advice: string): Rule {
  return { code, text, kind, advice };
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length) return codeOf(error.errors[0]);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** The first lines that matter, without passwords, query texts and the prefixes of the layers in between. */
function cleaned(message: string, { password }: Subject): string {
  const text = withoutValues(message)
    .split(/\n\s*(?:LINE \d+|CONTEXT|Query|STATEMENT):/)[0]
    ?.replaceAll(/Failed to (?:execute|prepare) query ".*?": ?/gs, '')
    .replaceAll(/password=('(?:[^'\\]|\\.)*'|\S+)/gi, 'password=…')
    .replaceAll(/ ?Possible solutions:[\s\S]*/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const hidden = password ? text?.replaceAll(password, '…') : text;
  return (hidden ?? '').slice(0, 600) || 'no message';
}
