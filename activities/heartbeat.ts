import { Context } from '@temporalio/activity';

const HEARTBEAT_MS = 1_000; // a cancellation reaches the activity with the next heartbeat

/** What an activity last reported; to begin with, what an earlier attempt did. */
const latest = new WeakMap<Context, unknown>();

/**
 * Does the whole work of an activity, whichever it is, and heartbeats while it lasts: that it is alive, and what it last reported. The
 * worker puts it around every activity, so that none can forget to.
 */
export async function beating<T>(context: Context, work: () => Promise<T>): Promise<T> {
  if (context.info.isLocal) return work(); // a part of its workflow task, which has no heartbeat
  latest.set(context, context.info.heartbeatDetails ?? null);
  const timer = setInterval(() => context.heartbeat(latest.get(context)), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Tells with the next heartbeats how far the activity is; a later attempt finds the last one. */
export function report(details: unknown): void {
  latest.set(Context.current(), details);
}

/** As `report`, at once: for what a later attempt must not miss. */
export function reportNow(details: unknown): void {
  report(details);
  Context.current().heartbeat(details);
}
