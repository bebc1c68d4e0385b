import { isDeepStrictEqual } from 'node:util';
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { RunRecord } from '../connectors/ledger/port.ts';
import { InvalidInput } from '../core/errors.ts';
import { toInstant } from '../core/interval.ts';
import { parseInput, runPipelineInput, type RunPipelineInput } from '../core/run-input.ts';
import { resolveRequest } from '../core/run-request.ts';
import { run } from '../operations/run.ts';
import { refusalOf } from './errors.ts';
import { paths } from './paths.ts';
import type { Making } from './show.tsx';

const LARGEST = 65_536;
const PATIENCE_MS = 15_000;
const LOOKED_AT = 20; // runs of an interval that may have done the same

const asked = z.strictObject({
  ...runPipelineInput.pick({ pipeline: true, interval: true, tables: true, fromStep: true, params: true })
    .shape,
  /** Who is written down to have asked. */
  by: z.string().trim().min(1).max(100).default('api'),
  /** Run it though a run that was asked to do the same has succeeded. */
  again: z.boolean().default(false),
});

/** Other systems' door: `POST /api/runs` with the token. Asked twice for the same of one interval, it is run once. */
export function addApi(app: Hono, { session, registry, doors }: Making): void {
  app.post('/api/runs', bodyLimit({ maxSize: LARGEST }), async (c) => {
    try {
      doors.mustKnowToken(/^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1]);
      const body: unknown = await c.req.json().catch(() => {
        throw new InvalidInput('The body', ['it is no JSON.']);
      });
      const { by, again, ...rest } = parseInput(asked, body, 'The body');
      const input = { ...rest, kind: 'manual' as const };
      const { interval } = resolveRequest(registry, input, toInstant(new Date()));
      const { pipeline } = input;
      const before = await session.ledger.runs({
        pipeline,
        interval,
        outcomes: ['succeeded'],
        limit: LOOKED_AT,
      });
      const same = again ? undefined : before.find((each) => isSame(each, input));
      if (same) return c.json(answerOf(same.workflowId, same.runId, 'was done before'));
      const handle = await session.temporal.withDeadline(Date.now() + PATIENCE_MS, () =>
        run(session, registry, input, by),
      );
      const state = handle.joined ? 'is being done' : 'started';
      return c.json(
        answerOf(handle.workflowId, handle.firstExecutionRunId, state),
        handle.joined ? 200 : 201,
      );
    } catch (error) {
      const { status, message, unforeseen } = refusalOf(error);
      if (unforeseen) throw error;
      return c.json({ error: { message } }, status);
    }
  });
}

function answerOf(workflowId: string, runId: string, state: 'started' | 'is being done' | 'was done before') {
  return { workflowId, runId, state, page: paths.run(runId) };
}

function isSame(before: RunRecord, now: RunPipelineInput): boolean {
  const essence = ({ tables, fromStep, skip, params }: RunPipelineInput) => ({
    tables: tables && [...tables].sort(),
    fromStep,
    skip,
    params,
  });
  return isDeepStrictEqual(essence(before.input), essence(now));
}
