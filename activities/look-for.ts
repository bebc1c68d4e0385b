import { Context } from '@temporalio/activity';
import { orAborted, withTimeLimit } from '../core/abort.ts';
import { NotYet, PipelineUnknown, TerminalError, messageOf } from '../core/errors.ts';
import type { RunRef } from '../core/run.ts';
import { RESULT_LIMIT } from '../core/tasks.ts';
import { conditionText, filled, type Condition } from '../core/waits.ts';
import type { Connectors } from './connectors.ts';
import { notDoneYet } from './interval-done.ts';

const LOOK_MS = 30_000; // for one look

/**
 * Looks once whether what a step waits for is there. May be repeated; the server does so for as long as the step waits.
 * @returns what was found: paths of files, a row, a status, or the interval of the other pipeline
 * @throws {NotYet} it is not there, or did not answer in time
 * @throws {TerminalError} it cannot be looked for
 */
export async function lookFor(
  connectors: Connectors,
  run: RunRef,
  condition: Condition,
  source: string,
): Promise<unknown> {
  const { cancellationSignal } = Context.current();
  const clock = { isOver: false };
  try {
    const found = await withTimeLimit(LOOK_MS, cancellationSignal, (stop, limit) =>
      orAborted(look(connectors, run, condition, source, stop), stop).finally(
        () => (clock.isOver = limit.aborted),
      ),
    );
    const size = Buffer.byteLength(JSON.stringify(found));
    if (size <= RESULT_LIMIT) return found;
    throw new TerminalError(
      `${conditionText(condition, run.interval)}: what was found has ${size} bytes; a result is ${RESULT_LIMIT} at most. Look for less.`,
    );
  } catch (error) {
    cancellationSignal.throwIfAborted();
    if (clock.isOver) throw new NotYet(`no answer within ${LOOK_MS / 1000} s`, { cause: error });
    throw error;
  }
}

async function look(
  { files, source, warehouse, registry, ledger }: Connectors,
  { pipeline, interval }: RunRef,
  condition: Condition,
  connection: string,
  signal: AbortSignal,
): Promise<unknown> {
  if ('file' in condition) {
    const found = await files.find(filled(condition.file, interval), signal);
    return found.length ? found : notYet('there is no such file');
  }
  if ('sql' in condition) {
    const sql = filled(condition.sql, interval);
    const row =
      condition.on === 'warehouse'
        ? (await warehouse.query(sql, { limit: 1, signal })).rows[0]
        : await (await source(connection)).firstRow(sql, signal);
    return row ?? notYet('it gives no row');
  }
  if ('http' in condition) {
    const status = await answerOf(filled(condition.http, interval), signal);
    const isWanted =
      condition.status === undefined ? status >= 200 && status < 300 : status === condition.status;
    return isWanted ? { status } : notYet(`it answers ${status}`);
  }
  const broken = registry.broken?.get(condition.pipeline);
  if (broken) notYet(broken.message);
  const other = registry.get(condition.pipeline);
  if (!other)
    throw new PipelineUnknown(
      condition.pipeline,
      [...registry.keys()].filter((name) => name !== pipeline),
    );
  const lacking = await notDoneYet(ledger, other, interval);
  return lacking === undefined ? { pipeline: other.name, interval } : notYet(lacking);
}

function notYet(why: string): never {
  throw new NotYet(why);
}

/** The status alone; what comes with it is not read. */
async function answerOf(address: string, signal: AbortSignal): Promise<number> {
  try {
    const answer = await fetch(address, { signal, redirect: 'follow' });
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    signal.throwIfAborted();
    const { cause } = error as { cause?: unknown };
    return notYet(`it cannot be reached: ${messageOf(cause ?? error)}`);
  }
}
