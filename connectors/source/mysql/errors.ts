import {
  LoginRefused,
  PipelineError,
  TerminalError,
  TransientError,
  Unreachable,
  messageOf,
} from '../../../core/errors.ts';
import { isOfStatement, ownWords, withoutValues } from '../../../core/values.ts';

/** What an error is about, for its message. */
export interface Subject {
  /** The connection's name in the profile. */
  readonly connection: string;
  /** `user@host:port/database`. */
  readonly address: string;
  /** Where one is being read. */
  readonly table?: string;
  /** What the profile says to somebody whose source may not be there yet. */
  readonly hint?: string;
  readonly password: string;
}

interface Rule {
  /** Codes of MySQL as `mysql2` names them, or the errno name of Node. */
  readonly codes: readonly string[];
  /** The same failure in words, which DuckDB passes on without a code. */
  readonly text: RegExp;
  readonly kind: keyof typeof KINDS;
  readonly advice: string;
}

/** Of a server or a table that may never have been there. */
const ABSENT = ['ECONNREFUSED', 'ER_BAD_DB_ERROR', 'ER_NO_SUCH_TABLE'];

const KINDS = {
  terminal: TerminalError,
  refused: LoginRefused,
  transient: TransientError,
  unreachable: Unreachable,
} as const;

// The first rule that fits speaks. @see https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
const RULES: readonly Rule[] = [
  rule(
    ['ER_ACCESS_DENIED_ERROR', 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR', 'ER_NOT_SUPPORTED_AUTH_MODE', '1698'],
    /Access denied for user .*using password|Authentication plugin|Access denied for user .*@[^ ]*$/i,
    'refused',
    'Correct user and password of the connection, and the hosts that the user may come from; one who must come encrypted needs ssl. (What it has from environment variables, a worker reads once: restart it.)',
  ),
  rule(
    ['ER_DBACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR'],
    /Unknown database|Access denied .* to database/i,
    'terminal',
    'Correct the database of the connection, create it, or GRANT SELECT on it.',
  ),
  rule(
    ['ER_TABLEACCESS_DENIED_ERROR', 'ER_COLUMNACCESS_DENIED_ERROR', 'ER_SPECIFIC_ACCESS_DENIED_ERROR'],
    /command denied to user|need .* privilege/i,
    'terminal',
    `GRANT SELECT on the table to the connection's user.`,
  ),
  rule(
    ['ER_VIEW_INVALID', 'ER_VIEW_NO_CREATE_USER'],
    /references invalid table\(s\) or column\(s\)|definer\/invoker of view lack/i,
    'terminal',
    'The view no longer holds: what it reads has changed, or its definer may not read it any more. Correct the view.',
  ),
  rule(
    ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME'],
    /Unknown (MySQL |MariaDB )?server host|Name or service not known|ENOTFOUND|EAI_AGAIN/i,
    'unreachable',
    'Correct the host of the connection, or see that the server runs.',
  ),
  rule(
    [
      ...['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'],
      ...[
        'ER_CON_COUNT_ERROR',
        'ER_TOO_MANY_USER_CONNECTIONS',
        'ER_USER_LIMIT_REACHED',
        'ER_SERVER_SHUTDOWN',
      ],
    ],
    /Can't connect to|Too many connections|max_user_connections|shutdown in progress|connect ETIMEDOUT/i,
    'unreachable',
    'See that the server runs, listens there and has connections to spare.',
  ),
  rule(
    ['ER_NET_PACKET_TOO_LARGE', 'ER_WARN_ALLOWED_PACKET_OVERFLOWED'],
    /max_allowed_packet|packet bigger than/i,
    'terminal',
    'A row is larger than the server sends: raise max_allowed_packet there, or exclude the widest columns.',
  ),
  rule(
    [
      'PROTOCOL_CONNECTION_LOST',
      'ECONNRESET',
      'EPIPE',
      'ER_CONNECTION_KILLED',
      'ER_NET_ERROR_ON_WRITE',
      '1927',
    ],
    /Lost connection|server has gone away|Connection was killed|Connection lost|closed state|unexpected eof while reading|TLS\/SSL error: (Connection reset|Broken pipe)|Failed to fetch result row for query:?$|socket hang up/i,
    'unreachable',
    'The server ended the connection or the query; the next attempt starts anew.',
  ),
  rule(
    ['ER_QUERY_INTERRUPTED', 'ER_QUERY_TIMEOUT', 'ER_STATEMENT_TIMEOUT', 'PROTOCOL_SEQUENCE_TIMEOUT'],
    /Query execution was interrupted|max_statement_time exceeded|maximum statement execution time/i,
    'transient',
    `A limit of the server or an administrator ended the query; raise max_statement_time (MySQL: max_execution_time) for the connection's user.`,
  ),
  rule(
    ['ER_LOCK_WAIT_TIMEOUT', 'ER_LOCK_DEADLOCK', 'ER_TABLE_DEF_CHANGED', 'ER_NEED_REPREPARE'],
    /Lock wait timeout|Deadlock found|Table definition has changed/i,
    'unreachable',
    'The table is locked, or its definition is being changed; try again when that is done.',
  ),
  rule(
    ['ER_NO_SUCH_TABLE', 'ER_BAD_TABLE_ERROR'],
    /Table '.*' doesn't exist/i,
    'terminal',
    `Correct 'from' of the table, or create it.`,
  ),
  rule(
    ['ER_CRASHED_ON_USAGE', 'ER_NOT_KEYFILE', 'ER_CRASHED_ON_REPAIR', 'ER_TABLE_CORRUPT'],
    /is marked as crashed|Incorrect key file|is corrupted/i,
    'terminal',
    'The table is damaged in the source; repair or restore it there.',
  ),
  rule(
    [
      'HANDSHAKE_NO_SSL_SUPPORT',
      'HANDSHAKE_SSL_ERROR',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'CERT_HAS_EXPIRED',
    ],
    /SSL connection error|TLS\/SSL error: (Hostname verification|no such file|BIO lib)|does not support (secure|SSL)|certificate/i,
    'terminal',
    `Correct 'ssl' or 'host' of the connection: the server's certificate is not trusted, is another host's, or there is none.`,
  ),
  rule(
    ['ENOSPC', 'EDQUOT'],
    /No space left on device|disk quota/i,
    'terminal',
    'Free space where the files are written, then run again.',
  ),
  rule(
    ['EACCES', 'EROFS', 'ENOENT', 'ENOTDIR'],
    /Read-only file system|Cannot open file .*(Permission denied|No such file|Not a directory)/i,
    'terminal',
    'See that the folder is there, and writable for the worker.',
  ),
  rule(
    [],
    /Out of Memory Error/,
    'terminal',
    `The table's rows are very wide: raise memoryLimit of the connection, or exclude the widest columns.`,
  ),
  rule(
    [
      'ER_PARSE_ERROR',
      'ER_BAD_FIELD_ERROR',
      'ER_DUP_FIELDNAME',
      'ER_NON_UNIQ_ERROR',
      'ER_SP_DOES_NOT_EXIST',
      'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
      'ER_WRONG_FIELD_WITH_GROUP',
    ],
    /error in your SQL syntax|Unknown column|Duplicate column name|FUNCTION .* does not exist|^(Binder|Parser|Catalog|Conversion|Invalid Input|Not implemented) Error/i,
    'terminal',
    'Correct the table or its definition, and run again.',
  ),
];

/** Turns anything that MySQL, DuckDB or the file system throws into one of the two kinds of failure. Ours pass through. */
export function translate(error: unknown, subject: Subject): PipelineError {
  if (error instanceof PipelineError) return error;
  const codes = codesOf(error);
  const text = cleaned(messageOf(error), subject);
  const own = ownWords(text);
  const found =
    RULES.find((each) => each.codes.some((code) => codes.includes(code))) ??
    RULES.find((each) => each.text.test(own) && !(mayPass(each) && isOfStatement(text)));
  const place = `${subject.table ? `Table ${subject.table} of source` : 'Source'} '${subject.connection}' (${subject.address})`;
  const advice =
    found?.advice ??
    'This was not expected, and may pass. If it stays, see the message, correct the table or its definition, and run again.';
  const hint = subject.hint && found?.codes.some((code) => ABSENT.includes(code)) ? ` ${subject.hint}` : '';
  // No cause: the vendor's error may hold the password.
  return new KINDS[found?.kind ?? 'transient'](
    `${place}: ${text}${/[.!?]$/.test(text) ? '' : '.'} ${advice}${hint}`,
  );
}

function mayPass({ kind }: Rule): boolean {
  return kind === 'transient' || kind === 'unreachable';
}

function rule(codes: readonly string[], text: RegExp, kind: Rule['kind'], advice: string): Rule {
  return { codes, text, kind, advice };
}

function codesOf(error: unknown): string[] {
  if (error instanceof AggregateError && error.errors.length) return codesOf(error.errors[0]);
  if (!(error instanceof Error)) return [];
  return [Reflect.get(error, 'code'), Reflect.get(error, 'errno')]
    .filter((code) => code !== undefined)
    .map(String);
}

/** The lines that matter, without passwords, values and statements. */
function cleaned(message: string, { password }: Subject): string {
  const text = message
    .split(/\n\s*LINE \d+:/)[0]
    ?.replaceAll(
      /Failed to (execute|prepare|fetch result row for) (?:MySQL )?query "[^]*?": ?/g,
      'Failed to $1 query: ',
    )
    .replaceAll(/with parameters "[^]*?": ?/g, ': ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const hidden = password ? text?.replaceAll(password, '…') : text;
  return withoutValues(hidden ?? '').slice(0, 600) || 'no message';
}
