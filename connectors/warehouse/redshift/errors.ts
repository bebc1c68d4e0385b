import {
  messageOf,
  PipelineError,
  TerminalError,
  TransientError,
  Unreachable,
} from '../../../core/errors.ts';
import { isOfStatement, ownWords, withoutValues } from '../../../core/values.ts';
import { awsError } from '../../aws/errors.ts';

/** Two transactions wrote what the other had read. Normal between loads: tried again. https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html */
export function isConflict(error: string): boolean {
  return (
    /\b1023\b|serializable isolation|could not serialize|deadlock|concurrent transaction/i.test(
      ownWords(error),
    ) && !isOfStatement(error)
  );
}

/** Our bookkeeping, or the schema that holds it, has not been made yet. */
export function lacksBookkeeping(error: string): boolean {
  return /(relation|schema) "?_sluice"?(\.\S+)? does not exist/i.test(error);
}

/** Our bookkeeping is that of an older version. */
export function lacksColumns(error: string): boolean {
  return /column "?(cursor_(column|type)|made_target|emptied)"? .*does not exist|(cursor_(column|type)|made_target|emptied).*not found/i.test(
    error,
  );
}

export function isMissing(error: string): boolean {
  return /(relation|schema) .*does not exist/i.test(error);
}

const MESSAGE_LIMIT = 2000; // characters of the warehouse's own words

const RULES: readonly { readonly pattern: RegExp; readonly next: string }[] = [
  {
    pattern: /not authorized to assume IAM Role|not authorized to get credentials of role/i,
    next: `Attach the role named in 'copyRole' to the workgroup or cluster, and let redshift.amazonaws.com assume it.`,
  },
  {
    pattern: /S3ServiceException:.*(Access ?Denied|Status 403)/i,
    next: `Give the role named in 'copyRole' s3:GetObject and s3:ListBucket on the lake's bucket.`,
  },
  {
    pattern: /S3ServiceException:.*(Status 301|region)/i,
    next: 'Put the lake and the warehouse into the same region.',
  },
  {
    pattern: /S3ServiceException:.*Status 404|Mandatory url is not present/i,
    next: 'A file of the load is gone from the lake. Extract the table again.',
  },
  {
    pattern: /length of the data column|String length exceeds DDL length|value too long/i,
    next: `A text is longer than its column; Redshift takes 65,535 bytes at most. Leave the column out under 'exclude', or shorten it in a view of the source.`,
  },
  { pattern: /permission denied/i, next: `Grant it to the user or role that the profile's connection has.` },
  {
    pattern: /cannot drop .* because other objects depend on it/i,
    next: 'A view holds the column fast. Make the view WITH NO SCHEMA BINDING, or drop it.',
  },
  {
    pattern: /cannot drop (sort|dist)key|cannot drop (a )?(column|distribution|sort).*key/i,
    next: 'A sort or distribution key cannot change its type. Drop the table and load its history again.',
  },
  { pattern: /disk full/i, next: 'Free space in the warehouse, or resize it.' },
  {
    pattern: /invalid input syntax for type json|JSON parsing error|JSON_PARSE/i,
    next: `A value is no JSON that SUPER takes. Keep it as text: json: 'text' in the profile.`,
  },
];

const TRANSIENT =
  /assert|internal error|leader node|restart|connection|timed? ?out|unavailable|resum|paus|too many|system is|out of memory|Query cancelled|vacuum is already running/i;

/** The statement, or the data, is at fault: it ends the same way each time. */
const AT_FAULT =
  /syntax error|does not exist|already exists|not supported|is not (a |an |allowed|valid)|invalid|cannot (be )?(cast|drop|alter|insert|use|have)|can't|violates|duplicate|ambiguous|overflow|out of range|division by zero|mismatch|must (be|appear)|Load into table|check 'sys_load|depends? on|permission|delimiter|is of type/i;

/**
 * What a statement ended with, as one of ours: `doing` is what was under way. Terminal where the statement or the data is at fault;
 * anything else may pass.
 * @param owned the statement is of the person who reads the message, who may read the rows: it is told whole
 */
export function statementError(error: string, doing: string, owned = false): Error {
  const words = error.replace(/^ERROR:\s*/, '');
  const said = (owned ? words : withoutValues(words)).slice(0, MESSAGE_LIMIT);
  if (isConflict(error)) {
    return new Unreachable(
      `${doing}: another transaction was in the way (1023). It is tried again. Redshift says: ${said}`,
    );
  }
  const own = ownWords(error);
  const next = RULES.find(({ pattern }) => pattern.test(own))?.next;
  const atFault = isOfStatement(error);
  if (!next && !atFault && TRANSIENT.test(own)) {
    return new Unreachable(
      `${doing}: the warehouse could not finish it. It is tried again. Redshift says: ${said}`,
    );
  }
  const Kind = next || atFault || AT_FAULT.test(own) ? TerminalError : TransientError;
  return new Kind(
    `${doing} failed. ${next ?? 'Look at the statement in the query history of Redshift.'} Redshift says: ${said}`,
  );
}

/** What the Data API refuses a request for, before any statement runs. */
const REQUEST_RULES: readonly { readonly pattern: RegExp; readonly next: string }[] = [
  {
    pattern: /endpoint doesn.t exist/i,
    next: `There is none of this name in the region. Correct 'workgroup' or 'cluster' in the profile, or AWS_REGION.`,
  },
  { pattern: /database ".*" does not exist/i, next: `Correct 'database' in the profile, or create it.` },
  {
    pattern: /\bpaus(ed|ing)\b/i,
    next: 'It is paused. Resume it (a cluster: aws redshift resume-cluster; or in the Redshift console), then rerun.',
  },
  {
    pattern: /can.t find the specified secret/i,
    next: `Correct 'secretArn' in the profile, or create the secret.`,
  },
  {
    pattern: /\bsecret\b/i,
    next: `Store {"username": …, "password": …} in the secret that 'secretArn' in the profile names, and let this process read it.`,
  },
];

/** What the Data API's client threw, as one of ours: `doing` is what was under way, `place` the workgroup or cluster. */
export function requestError(error: unknown, doing: string, place: string): Error {
  const said = messageOf(error);
  const refused = error instanceof Error && error.name === 'ValidationException';
  const next = refused ? REQUEST_RULES.find(({ pattern }) => pattern.test(said))?.next : undefined;
  if (next === undefined || error instanceof PipelineError) return awsError(error, `${doing} (${place})`);
  return new TerminalError(`${doing} (${place}) failed. ${next} Redshift says: ${said}`, { cause: error });
}
