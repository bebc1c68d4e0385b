import { Context } from '@temporalio/activity';

const HEARTBEAT_MS = 1_000; // a cancellation reaches the activity with the next heartbeat

/**
 * Runs a port call that may take long: heartbeats while it lasts, with what it last reported, and hands it the signal
 * that aborts it when the run is cancelled or the worker shuts down.
 */
export async function withHeartbeat<T>(
  call: (signal: AbortSignal, report: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  let details: unknown = null;
  const timer = setInterval(() => context.heartbeat(details), HEARTBEAT_MS);
  try {
    return await call(context.cancellationSignal, (latest) => (details = latest));
  } finally {
    clearInterval(timer);
  }
}
