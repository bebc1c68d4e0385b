import { messageOf, PipelineError, TerminalError, TransientError, Unreachable } from '../../core/errors.ts';

const TRANSIENT =
  /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|ServiceUnavailable|InternalServer|InternalError|RequestTimeout|TimeoutError|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|socket hang up|Active\w+Exceeded|DatabaseConnection|QueryTimeout/i;
const NEXT_STEPS: readonly (readonly [RegExp, string])[] = [
  [
    /ExpiredToken|InvalidAccessKeyId|InvalidClientToken|UnrecognizedClient|CredentialsProvider|MissingAuthentication|SignatureDoesNotMatch/i,
    'Renew the AWS credentials of this process (aws sso login, a new role session), then rerun.',
  ],
  [
    /AccessDenied|NotAuthorized|Forbidden/i,
    'Give the role of this process the permission named in docs/aws.md, then rerun.',
  ],
  [/NoSuchBucket/i, 'Create the bucket, or correct its name in the profile.'],
  [
    /PermanentRedirect|AuthorizationHeaderMalformed|wrong region/i,
    'Set the region of the profile to that of the resource.',
  ],
  [/ResourceNotFound|NoSuchKey|NotFound/i, 'Correct the name in the profile, or create it.'],
];

/**
 * Turns what the AWS SDK threw into ours, once: `doing` is what was under way, with the object's name. Our own errors pass as they are.
 * @returns an `Unreachable` where the SDK's own retries were used up on something that passes, a `TransientError` where nothing is known of it
 */
export function awsError(error: unknown, doing: string): Error {
  if (error instanceof PipelineError) return error;
  const {
    name = '',
    code = '',
    $metadata,
  } = (error ?? {}) as {
    name?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const words = messageOf(error).replace(/\.$/, '');
  const said = `${name} ${code} ${words}`;
  // Credentials expire in the middle of long runs; whoever renews them lets the retry go through.
  const status = $metadata?.httpStatusCode ?? 0;
  const next = NEXT_STEPS.find(([pattern]) => pattern.test(said))?.[1];
  if (/ExpiredToken/.test(said))
    return new Unreachable(`${doing}: AWS says ${name}: ${words}. ${next ?? ''}`, {
      cause: error,
    });
  if (TRANSIENT.test(said) || status >= 500 || status === 429) {
    return new Unreachable(
      `${doing}: AWS could not answer just now (${name || code}: ${words}). It is tried again.`,
      { cause: error },
    );
  }
  const Kind = next ? TerminalError : TransientError;
  return new Kind(
    `${doing}: AWS says ${name}: ${words}. ${next ?? 'If it stays, correct the profile or the permission, then rerun.'}`,
    { cause: error },
  );
}
