import {
  messageOf,
  PipelineError,
  TerminalError,
  TransientError,
  Unreachable,
} from '../../../core/errors.ts';

/** What S3 calls a failure; the HTTP status where it has no name, as in answers to HEAD. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function nameOf(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  const status = statusOf(error);
  if (status === 412) return 'PreconditionFailed';
  return status !== undefined && /^(Error|\d+|Unknown.*|S3ServiceException)$/.test(name)
    ? (BY_STATUS[status] ?? String(status))
    : name;
}

/** Turns what the SDK threw into ours, once; `what` begins the sentence: `s3://bucket/key`. Our own errors pass as they are. */
export function s3Failure(error: unknown, bucket: string, what: string): Error {
  if (error instanceof PipelineError) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  const name = nameOf(error);
  const said = messageOf(error).split('\n')[0] ?? '';
  const next = TERMINAL[name];
  if (next) return new TerminalError(`${what}: ${next(bucket, said)}`, { cause: error });
  const passing = PASSING[name];
  if (passing) return new Unreachable(`${what}: ${passing(said)}`, { cause: error });
  const status = statusOf(error) ?? 0;
  return status >= 400 && status < 500
    ? new TransientError(`${what}: S3 refused it (${name}: ${said}). Look ${name} up in the S3 error list.`, {
        cause: error,
      })
    : new Unreachable(`${what}: S3 could not be reached or failed (${name}: ${said}). Try again.`, {
        cause: error,
      });
}

const denied = (bucket: string, said: string) =>
  `access to bucket '${bucket}' is denied (${said}). Give the role s3:ListBucket and s3:ListBucketMultipartUploads on the bucket, and ` +
  `s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on its objects.`;
const elsewhere = (bucket: string, said: string) =>
  `bucket '${bucket}' is in another region (${said}). Set the lake's region to that of the bucket.`;
const unknownKey = (_: string, said: string) =>
  `S3 does not know the credentials (${said}). Give the worker a role, or correct its access key.`;

const TERMINAL: Readonly<Record<string, (bucket: string, said: string) => string>> = {
  NoSuchBucket: (bucket) => `there is no bucket '${bucket}'. Create it, or correct the lake's bucket.`,
  AccessDenied: denied,
  Forbidden: denied,
  AllAccessDisabled: denied,
  PermanentRedirect: elsewhere,
  AuthorizationHeaderMalformed: elsewhere,
  IllegalLocationConstraintException: elsewhere,
  InvalidAccessKeyId: unknownKey,
  SignatureDoesNotMatch: unknownKey,
  CredentialsProviderError: (_, said) =>
    `there are no AWS credentials (${said}). Give the worker a role, or set AWS_PROFILE.`,
  RequestTimeTooSkewed: () => `this machine's clock is wrong by more than 15 minutes. Set it, then rerun.`,
};

const expired = (said: string) =>
  `the AWS credentials have expired (${said}). A role renews them by itself; where they were pasted in, paste new ones.`;
const busy = (said: string) =>
  `S3 asks to slow down (${said}). Try again; lower the pipeline's concurrency if it stays.`;
const onTheWay = (said: string) =>
  `the bytes that arrived are not those that were sent (${said}). Try again.`;

const PASSING: Readonly<Record<string, (said: string) => string>> = {
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  TokenRefreshRequired: expired,
  SlowDown: busy,
  ServiceUnavailable: busy,
  TooManyRequestsException: busy,
  BadDigest: onTheWay,
  InvalidDigest: onTheWay,
  XAmzContentChecksumMismatch: onTheWay,
  RequestTimeout: (said) => `S3 waited in vain for bytes (${said}). Try again.`,
  ConditionalRequestConflict: (said) => `another writer was at work on it (${said}). Try again.`,
};

const BY_STATUS: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  403: 'Forbidden',
  404: 'NotFound',
  503: 'ServiceUnavailable',
};

function statusOf(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata;
  return metadata?.httpStatusCode;
}
