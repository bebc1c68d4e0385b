import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connectors } from '../../activities/connectors.ts';
import { definePipeline } from '../../core/pipeline.ts';
import { rerun } from '../../operations/rerun.ts';
import { startRun } from '../../operations/start-run.ts';
import { day } from '../faults/lab.ts';
import type { runPipeline } from '../../workflows/run-pipeline.ts';
import { openTaskLab, type TaskLab } from './task-lab.ts';

const bash = (text: string): { script: [string, ...string[]] } => ({ script: ['bash', '-c', text] });
const asked = definePipeline({
  name: 'asked',
  description: 'What somebody asks for',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  params: {
    region: { type: 'string', enum: ['eu', 'us'], default: 'eu' },
    days: { type: 'integer', min: 1, max: 90, default: 30 },
    note: { type: 'string' },
  },
  tasks: {
    list: { ...bash(`echo '[1]' > $SLUICE_OUTPUT`), before: ['transform'] },
    one: { ...bash('cp $SLUICE_INPUT one.json'), before: ['transform'] },
    each_one: { ...bash('cp $SLUICE_INPUT each.json'), each: { from: 'list' } },
  },
  transform: { dbt: { select: 'tag:asked' } },
});

let lab: TaskLab;
/** What the models got, the newest last. */
const variables: unknown[] = [];
const transform: Connectors['transform'] = {
  build: ({ variables: given }) => {
    variables.push(given);
    return Promise.resolve({ nodes: [], untested: [], seconds: 0 });
  },
  graph: () => Promise.resolve({ nodes: [], checks: [] }),
  models: () => Promise.resolve(undefined),
};

beforeAll(async () => {
  lab = await openTaskLab([asked], undefined, () => ({ transform }));
});
afterAll(() => lab.close());
beforeEach(async () => {
  variables.splice(0);
  await lab.forget();
});

const interval = day('2024-03-02');
const innermost = (error: unknown): string => {
  const { cause, message } = error as Error;
  return cause instanceof Error ? innermost(cause) : message;
};
const got = () => [
  (lab.json('one.json') as { params: unknown }).params,
  (lab.json('each.json') as { params: unknown }).params,
  variables.at(-1),
];
const all = (params: unknown) => [params, params, params];

describe('parameters of a run', () => {
  it('reach tasks, elements of lists and models, with the defaults of those that were not given', async () => {
    await (await startRun(lab.session, lab.registry, { pipeline: 'asked', interval })).result();
    expect(got()).toEqual(all({ region: 'eu', days: '30' }));
    const given = { region: 'us', note: 'as it is' };
    const run = await startRun(lab.session, lab.registry, { pipeline: 'asked', interval, params: given });
    await run.result();
    expect(got()).toEqual(all({ ...given, days: '30' }));
    await (await rerun(lab.session, lab.registry, run.firstExecutionRunId, {}, 'anna')).result();
    expect(got()).toEqual(all({ ...given, days: '30' }));
  });

  it('typed into the Web UI are numbers as well, and refused there as anywhere', async () => {
    const start = (workflowId: string, params: Record<string, unknown>) =>
      lab.session.temporal.workflow.execute<typeof runPipeline>('runPipeline', {
        taskQueue: lab.session.profile.temporal.taskQueue,
        workflowId,
        // As it is typed, numbers and all.
        args: [{ pipeline: 'asked', interval, params: params as Record<string, string> }],
      });
    await start('by-hand', { days: 7 });
    expect(got()).toEqual(all({ region: 'eu', days: '7' }));
    const refused = await start('by-hand-too', { days: 0, regio: 'eu' }).then(
      () => 'was taken',
      (error: unknown) => innermost(error),
    );
    expect(refused).toMatch(
      /params\.regio: there is no such parameter; is 'region' meant\?[^]*params\.days: must be a whole number from 1 to 90/,
    );
    await expect(
      startRun(lab.session, lab.registry, { pipeline: 'asked', interval, params: { days: 'x' } }),
    ).rejects.toThrow('params.days: must be a whole number from 1 to 90.');
  });
});
