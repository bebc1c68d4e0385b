import {
  messageOf,
  PipelineError,
  TerminalError,
  TransientError,
  Unreachable,
} from '../../../core/errors.ts';

/** Whether the service said no before anything was done, so that nothing can have been started. */
export function wasRefused(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && status >= 400 && status < 500;
}

/** Turns what the SDK threw into ours, once. https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-exceptions.html */
export function glueFailure(error: unknown, job: string): Error {
  if (error instanceof PipelineError) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  const name = error instanceof Error ? error.name : '';
  const said = messageOf(error).split('\n')[0] ?? '';
  const options = { cause: error };
  const passing = PASSING[name];
  if (passing) return new Unreachable(`Glue job '${job}': ${passing} (${said}).`, options);
  const terminal = TERMINAL[name];
  if (terminal) return new TerminalError(`Glue job '${job}': ${terminal} (${said}).`, options);
  return wasRefused(error)
    ? new TransientError(
        `Glue job '${job}': Glue refused it (${name}: ${said}). If it stays, correct the job.`,
        options,
      )
    : new Unreachable(
        `Glue job '${job}': Glue could not be reached or failed (${name}: ${said}). Try again.`,
        options,
      );
}

const BUSY = 'Glue asks to slow down; try again';
const EXPIRED = 'the AWS credentials have expired; a role renews them by itself, else renew them';
const DENIED =
  'access is denied; give the role glue:StartJobRun, glue:GetJobRun, glue:GetJobRuns and glue:BatchStopJobRun on the job';

const PASSING: Readonly<Record<string, string>> = {
  ConcurrentRunsExceededException:
    'as many runs as it allows are under way; try again later, or raise its maximum of concurrent runs',
  ResourceNumberLimitExceededException: 'the account’s limit is reached; try again later, or have it raised',
  ThrottlingException: BUSY,
  TooManyRequestsException: BUSY,
  OperationTimeoutException: BUSY,
  InternalServiceException: 'Glue failed; try again',
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
};

const TERMINAL: Readonly<Record<string, string>> = {
  EntityNotFoundException: 'there is no such job; deploy it, or correct the name in the profile',
  AccessDeniedException: DENIED,
  UnrecognizedClientException: 'AWS does not know the credentials; correct them',
  InvalidSignatureException: 'AWS does not know the credentials; correct them',
  CredentialsProviderError: 'there are no AWS credentials; give the worker a role, or set AWS_PROFILE',
  InvalidInputException: 'Glue refuses the arguments; correct the job',
};

function statusOf(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata;
  return metadata?.httpStatusCode;
}
