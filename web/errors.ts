import { InvalidInput, messageOf, PipelineError, PipelineUnknown, TransientError } from '../core/errors.ts';

/** What an address names is not there. */
export class NotFound extends PipelineError {
  override readonly name = 'NotFound';
}

/** Who asks may not: not signed in, from another site, or with a page that is too old. */
export class Forbidden extends PipelineError {
  override readonly name = 'Forbidden';
}

/** More is asked at once than is answered at once. */
export class Crowded extends TransientError {
  override readonly name = 'Crowded';
}

export interface Refusal {
  readonly status: 400 | 403 | 404 | 409 | 500 | 503;
  readonly title: string;
  readonly message: string;
  /** Something that nobody foresaw: it goes to the log with its stack, and what is shown says no more than that. */
  readonly unforeseen: boolean;
}

/** What an error means to who asked. */
export function refusalOf(error: unknown): Refusal {
  const message = messageOf(error);
  const as = (status: Refusal['status'], title: string) => ({ status, title, message, unforeseen: false });
  if (error instanceof NotFound || error instanceof PipelineUnknown) return as(404, 'Not found');
  if (error instanceof Forbidden) return as(403, 'Not allowed');
  if (error instanceof InvalidInput) return as(400, 'That cannot be done');
  if (error instanceof TransientError) return as(503, 'Not to be had just now');
  if (error instanceof PipelineError) return as(409, 'That cannot be done');
  if (isTemporalAway(error))
    return {
      ...as(503, 'Not to be had just now'),
      message: 'Temporal does not answer. Check that it is up and reachable, then try again.',
    };
  return {
    status: 500,
    title: 'Something went wrong',
    message: 'This is a defect of Sluice; the log of the pages has the rest.',
    unforeseen: true,
  };
}

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;

function isTemporalAway(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code } = each as { code?: unknown };
    if (code === UNAVAILABLE || code === DEADLINE_EXCEEDED) return true;
  }
  return false;
}
