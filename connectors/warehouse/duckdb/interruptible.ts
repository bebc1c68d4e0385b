import type { DuckDBConnection } from '@duckdb/node-api';

const INTERRUPT_EVERY_MS = 50; // an interrupt that comes between two statements is lost

/** Runs `work` in a transaction, which is taken back when it fails or is aborted. */
export async function inTransaction<T>(
  connection: DuckDBConnection,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  await connection.run('BEGIN TRANSACTION');
  try {
    const result = await interruptible(connection, signal, work);
    await connection.run('COMMIT');
    return result;
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined); // where the failure has ended the transaction already
    throw error;
  }
}

/** Runs `work`; once aborted, interrupts its statements until it gives up, and throws the signal's reason. */
export async function interruptible<T>(
  connection: DuckDBConnection,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (!signal) return work();
  signal.throwIfAborted();
  let again: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    again ??= setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const result = await work();
    signal.throwIfAborted();
    return result;
  } finally {
    signal.removeEventListener('abort', interrupt);
    clearInterval(again);
  }
}
