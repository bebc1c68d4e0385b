import { Context } from '@temporalio/activity';
import { messageOf, NotYet, TerminalError } from '../core/errors.ts';
import { isOfConnection, placeSignal, type PoolPlace } from '../core/pools.ts';
import type { RunRef } from '../core/run.ts';
import type { PlaceAnswer } from '../connectors/ledger/port.ts';
import type { Connectors } from './connectors.ts';
import { freePlaces } from './lost-runs.ts';

/**
 * Takes a place in a pool if one is free. May be repeated.
 * @param waitsIn the workflow that is told (`placeSignal`) when it is given the place
 * @returns whether it has the place; else it stands in line
 */
export async function takePlace(
  connectors: Connectors,
  run: RunRef,
  place: PoolPlace,
  waitsIn: string,
): Promise<boolean> {
  return (await ask(connectors, run, place, waitsIn)).taken;
}

/**
 * Asks again for a place that was not free. Runs that were ended from outside have given nothing back: theirs is taken from them.
 * @throws {NotYet} the pool is full
 */
export async function awaitPlace(
  connectors: Connectors,
  run: RunRef,
  place: PoolPlace,
  waitsIn: string,
): Promise<void> {
  let answer = await ask(connectors, run, place, waitsIn);
  // One looks for all: the first in line, or the first after those who may have gone.
  if (!answer.taken && answer.ahead === answer.silent.length) {
    const { holders, silent } = answer;
    if (await freePlaces(connectors, [...silent, ...holders]))
      answer = await ask(connectors, run, place, waitsIn);
  }
  if (answer.taken) return;
  const holders = answer.holders.map(({ workflowId, step }) => `${step} of ${workflowId}`);
  const ahead = answer.ahead ? `; ${answer.ahead} wait before it` : '';
  throw new NotYet(
    `pool '${place.pool}' is full, held by ${holders.join(', ')}${ahead}. 'sluice pools' shows more.`,
  );
}

/** Gives the place back, or leaves the line, and tells who has it now. May be repeated: who is not told asks again soon. */
export async function leavePool(
  { ledger, pools }: Connectors,
  runId: string,
  { pool, step }: PoolPlace,
): Promise<void> {
  const next = await ledger.leavePool({ pool, step, size: pools[pool] ?? 0, runId });
  if (!next) return;
  const { client, log } = Context.current();
  try {
    await client.workflow.getHandle(next.waitsIn).signal(placeSignal(next));
  } catch (error) {
    log.info(`${next.waitsIn} was not told of its place: ${messageOf(error)}`);
  }
}

async function ask(
  { ledger, pools }: Connectors,
  run: RunRef,
  place: PoolPlace,
  waitsIn: string,
): Promise<PlaceAnswer> {
  const size = pools[place.pool];
  if (size !== undefined) return ledger.takePlace({ ...place, size, run, waitsIn });
  if (isOfConnection(place.pool)) return { taken: true }; // the profile no longer limits it
  throw new TerminalError(
    `Step '${place.step}' of ${run.pipeline} needs pool '${place.pool}', which the profile does not have. Add it under 'pools', with its size.`,
  );
}
