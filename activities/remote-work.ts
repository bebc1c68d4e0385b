import { Context } from '@temporalio/activity';
import { HandedOver } from '../core/errors.ts';
import type { RunRef } from '../core/run.ts';
import { report } from './heartbeat.ts';
import { isRunOpen } from './lost-runs.ts';

/**
 * For a port call that watches work elsewhere, which a later attempt can join. The signal ends that work
 * only where nobody wants it any more: the run was cancelled, or is gone. A worker that stops, or an attempt that another has
 * overtaken, leaves it.
 */
export async function withRemoteWork<T>(
  run: RunRef,
  call: (signal: AbortSignal, report: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  const { cancellationSignal } = context;
  const abort = new AbortController();
  const end = () =>
    void isWanted(context, run).then((wanted) => {
      abort.abort(wanted ? new HandedOver(LEFT) : cancellationSignal.reason);
    });
  if (cancellationSignal.aborted) end();
  cancellationSignal.addEventListener('abort', end, { once: true });
  try {
    return await call(abort.signal, report);
  } finally {
    cancellationSignal.removeEventListener('abort', end);
  }
}

const LEFT =
  'The worker stops, or another attempt has begun. The work goes on, and the next attempt joins it.';

async function isWanted({ client, cancellationDetails }: Context, run: RunRef): Promise<boolean> {
  if (cancellationDetails?.cancelRequested) return false;
  // Temporal does not know the attempt any more: another has its place, or the whole run is gone.
  if (cancellationDetails?.notFound) return isRunOpen(client, run).catch(() => true);
  return true;
}
