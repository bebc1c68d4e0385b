import { z } from 'zod';

/** Fitting requests that go well before the fault begins. */
const skip = z.int().nonnegative().default(0);

/** What goes wrong, and how often. */
export const fault = z.discriminatedUnion('kind', [
  /** The request is refused before anything happens. */
  z.strictObject({
    kind: z.enum(['throttle', 'server-error', 'expired-token', 'access-denied', 'paused']),
    operation: z.string().optional(),
    skip,
    times: z.int().positive().default(1),
  }),
  /** The request is done, its answer never arrives. */
  z.strictObject({
    kind: z.literal('lost-answer'),
    operation: z.string().optional(),
    skip,
    times: z.int().positive().default(1),
  }),
  z.strictObject({
    kind: z.literal('slow'),
    operation: z.string().optional(),
    skip,
    times: z.int().positive().default(1),
    milliseconds: z.int().positive(),
  }),
  /** The statement that comes next, of a batch each by itself, is not run: the leader node restarts. */
  z.strictObject({ kind: z.literal('node-lost'), skip, times: z.int().positive().default(1) }),
  /** S3 refuses a COPY; the statement after one fails; or its transaction does at its end. */
  z.strictObject({
    kind: z.enum(['copy-denied', 'copy-other-region', 'fail-after-copy', 'serialization-conflict']),
    times: z.int().positive().default(1),
  }),
]);
export type Fault = z.input<typeof fault>;

const REFUSALS: Partial<
  Record<z.infer<typeof fault>['kind'], { status: number; type: string; message: string }>
> = {
  throttle: { status: 400, type: 'ThrottlingException', message: 'Rate exceeded' },
  'server-error': {
    status: 500,
    type: 'InternalServerException',
    message: 'The request failed because of an internal error.',
  },
  'expired-token': {
    status: 400,
    type: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
  },
  'access-denied': {
    status: 400,
    type: 'AccessDeniedException',
    message: 'User is not authorized to perform this operation',
  },
  paused: {
    status: 400,
    type: 'ValidationException',
    message: 'The Redshift endpoint is paused.',
  },
};

/** What a COPY that S3 refuses fails with. https://docs.aws.amazon.com/redshift/latest/dg/s3serviceexception-error.html */
export const COPY_REFUSALS = {
  'copy-denied': 'S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 0,ExtRid 0,CanRetry 1',
  'copy-other-region':
    'S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint. ' +
    'Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect,Rid 0,ExtRid 0,CanRetry 1',
} as const;

/** Faults that wait for their turn; each is used up by the requests that it fits. */
export class Faults {
  #waiting: { fault: z.infer<typeof fault>; skip: number; left: number }[] = [];

  add(wanted: Fault): void {
    const parsed = fault.parse(wanted);
    this.#waiting.push({ fault: parsed, skip: 'skip' in parsed ? parsed.skip : 0, left: parsed.times });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The refusal that the next request of this operation gets, if any. */
  refusal(operation: string): { status: number; type: string; message: string } | undefined {
    const found = this.#take((one) => one.kind in REFUSALS && fits(one, operation));
    return found && REFUSALS[found.kind];
  }

  delay(operation: string): number {
    const found = this.#take((one) => one.kind === 'slow' && fits(one, operation));
    return found?.kind === 'slow' ? found.milliseconds : 0;
  }

  losesAnswer(operation: string): boolean {
    return this.#take((one) => one.kind === 'lost-answer' && fits(one, operation)) !== undefined;
  }

  takes(
    kind: keyof typeof COPY_REFUSALS | 'fail-after-copy' | 'serialization-conflict' | 'node-lost',
  ): boolean {
    return this.#take((one) => one.kind === kind) !== undefined;
  }

  #take(fit: (one: z.infer<typeof fault>) => boolean): z.infer<typeof fault> | undefined {
    const found = this.#waiting.find(({ fault: one }) => fit(one));
    if (!found) return undefined;
    if (found.skip-- > 0) return undefined;
    if (--found.left <= 0) this.#waiting = this.#waiting.filter((one) => one !== found);
    return found.fault;
  }
}

function fits(one: z.infer<typeof fault>, operation: string): boolean {
  return !('operation' in one) || one.operation === undefined || one.operation === operation;
}
