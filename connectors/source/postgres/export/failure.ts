import { TerminalError, TransientError, Unreachable, messageOf } from '../../../../core/errors.ts';
import { withoutValues } from '../../../../core/values.ts';
import type { ExportRequest } from '../../port.ts';

/** What the extension says first, whatever S3 did. */
const NOT_UPLOADED = /could not upload to Amazon S3/i;
const NO_ROLE = /credentials stored with the database \w+ can't be accessed|feature-name "?s3Export/i;
const DENIED = /access ?denied|forbidden|not authorized/i;
const NO_BUCKET = /NoSuchBucket|bucket does not exist/i;
const OTHER_REGION = /redirect|malformed|must be addressed using|region/i;
const AWAY =
  /unable to connect|could ?n.t (connect|resolve)|timed? ?out|timeout|slow ?down|internal ?error|service ?unavailable/i;

/** What the extension or S3 has against an export, in our kinds and with the next step. What is the query's own stays as it is. */
export function exportFailure(error: unknown, { table, to }: Pick<ExportRequest, 'table' | 'to'>): unknown {
  const message = messageOf(error);
  const more = error as { readonly detail?: unknown; readonly hint?: unknown };
  const said = [message, more.detail, more.hint].filter((each) => typeof each === 'string').join(' ');
  // S3 knows no value of a row.
  const words = NOT_UPLOADED.test(message) ? said : withoutValues(said);
  const about = `Table '${table.name}' could not be exported to s3://${to.bucket}/${to.prefix}: ${words}`;
  const writes = `s3:PutObject and s3:AbortMultipartUpload on arn:aws:s3:::${to.bucket}/${areaOf(to.prefix)}*`;
  if (NO_ROLE.test(said))
    return new TerminalError(
      `${about}. Give the database a role for the feature s3Export (aws rds add-role-to-db-instance, or add-role-to-db-cluster) that has ${writes}.`,
    );
  if (!NOT_UPLOADED.test(message)) return error;
  if (DENIED.test(said))
    return new TerminalError(
      `${about} The role that the database has for s3Export needs ${writes}, and the use of the bucket's key.`,
    );
  if (NO_BUCKET.test(said))
    return new TerminalError(
      `${about} There is no bucket '${to.bucket}'. Create it, or correct the lake's bucket.`,
    );
  if (AWAY.test(said))
    return new Unreachable(
      `${about} The database does not reach S3. If it stays, see that its security group and route let it out to S3 by 443.`,
    );
  if (OTHER_REGION.test(said))
    return new TerminalError(
      `${about} Bucket and database must be in one region, and 'region' of the extractor ('${to.region}') must be that.`,
    );
  return new TransientError(`${about} This was not expected, and may pass.`);
}

/** The folder of all exports: what the role is for. */
function areaOf(prefix: string): string {
  const at = prefix.indexOf('exports/');
  return at < 0 ? prefix : prefix.slice(0, at + 'exports/'.length);
}
