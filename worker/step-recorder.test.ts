import type { Context } from '@temporalio/activity';
import { ApplicationFailure, noopMetricMeter } from '@temporalio/common';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { StepLog } from '../activities/connectors.ts';
import { HandedOver, Unreachable } from '../core/errors.ts';
import type { ResolvedTask } from '../core/tasks.ts';
import { joinsWork } from './joins.ts';
import { StepRecorder } from './step-recorder.ts';

type Does = ResolvedTask['does'];

const SCRIPT: Does = { script: ['true'] };
const CONTAINER: Does = { container: { image: 'busybox' } };
const SPARK: Does = { spark: 'prepare' };
const MINUTE = 60_000;

const nothing = () => Promise.resolve();
const unrecorded: StepLog = { startStep: nothing, finishStep: nothing, writeLog: nothing, addToLog: nothing };
const run = { runId: 'run', pipeline: 'shop', patience: { attempts: 2, retryFor: '1 minute' } };

interface Tried {
  readonly attempt: number;
  /** After which the attempt was scheduled, since the step was. */
  readonly afterMs: number;
  readonly throws?: Error;
}

/** What Temporal is told of an attempt at a task with two attempts, a minute of patience and ten of its own; undefined where it is done. */
async function toldOf(
  does: Does,
  spark: 'local' | 'glue',
  { attempt, afterMs, throws }: Tried,
  more: Pick<ResolvedTask, 'retry'> = {},
) {
  const now = Date.now();
  const info = {
    activityType: 'runElement',
    attempt,
    scheduledTimestampMs: now - afterMs,
    currentAttemptScheduledTimestampMs: now,
  };
  const context = { info, metricMeter: noopMetricMeter } as unknown as Context;
  const log = pino({ level: 'silent' });
  const recorder = new StepRecorder(context, unrecorded, log, (text) => text, joinsWork(spark));
  const args = [run, { name: 'prepare', timeout: '10 minutes', does, ...more }];
  const work = () => (throws ? Promise.reject(throws) : nothing());
  const told: unknown = await recorder.execute({ args, headers: {} }, work).catch((error: unknown) => error);
  if (told === undefined) return undefined;
  if (!(told instanceof ApplicationFailure)) throw told as Error;
  return { message: told.message, isLast: told.nonRetryable };
}

describe('an attempt after workers that died without a word', () => {
  const third = { attempt: 3, afterMs: 12 * MINUTE };

  it.each<[string, Does, 'local' | 'glue']>([
    ['a container', CONTAINER, 'local'],
    ['a Spark job on Glue', SPARK, 'glue'],
  ])('joins %s, however many attempts that makes', async (_, does, spark) => {
    expect(await toldOf(does, spark, third)).toBeUndefined();
  });

  it.each<[string, Does, 'local' | 'glue']>([
    ['a script', SCRIPT, 'glue'],
    ['a Spark job of this machine', SPARK, 'local'],
  ])('is not made for %s, which would be done more often than was asked for', async (_, does, spark) => {
    expect(await toldOf(does, spark, third)).toMatchObject({
      message: expect.stringContaining('2 attempts were begun') as string,
      isLast: true,
    });
  });

  it('is not made for what is joined either, when its own time and patience are over', async () => {
    const late = { attempt: 3, afterMs: 14 * MINUTE };
    expect(await toldOf(SPARK, 'glue', late)).toMatchObject({ isLast: true });
  });
});

describe('an attempt at a container that is tried again an hour after it failed', () => {
  const hourly: Pick<ResolvedTask, 'retry'> = { retry: { after: '1 hour' } };

  it('is joined, however long the pauses were', async () => {
    expect(await toldOf(CONTAINER, 'local', { attempt: 3, afterMs: 130 * MINUTE }, hourly)).toBeUndefined();
    const late = { attempt: 3, afterMs: 150 * MINUTE };
    expect(await toldOf(CONTAINER, 'local', late, hourly)).toMatchObject({ isLast: true });
  });

  it('waits for an engine that is away, however long the pauses were', async () => {
    const away = { attempt: 2, afterMs: 65 * MINUTE, throws: new Unreachable('The engine is away.') };
    expect(await toldOf(CONTAINER, 'local', away, hourly)).toMatchObject({ isLast: false });
  });
});

describe('an attempt that fails', () => {
  const second = { attempt: 2, afterMs: 1_000 };

  it('is no last one of a job on Glue whose worker stops', async () => {
    const handedOver = { ...second, attempt: 9, throws: new HandedOver('The worker stops.') };
    expect(await toldOf(SPARK, 'glue', handedOver)).toMatchObject({ isLast: false });
  });

  it('waits for Glue that is away by time, and not for what is counted', async () => {
    const away = { ...second, throws: new Unreachable('Nobody answers.') };
    expect(await toldOf(SPARK, 'glue', away)).toMatchObject({ isLast: false });
    expect(await toldOf(SPARK, 'local', away)).toMatchObject({ isLast: true });
  });
});
