import { existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noteOf } from '../../operations/step-notes.ts';
import type { LabWorker } from './crew.ts';
import { Lab } from './lab.ts';
import { forStepwise, Stepwise } from './stepwise.ts';
import { eventually } from './wait.ts';

let lab: Lab;
let worker: LabWorker;

beforeAll(async () => {
  lab = await Lab.open(forStepwise);
  worker = await lab.startWorker();
});
afterAll(() => lab.close());
beforeEach(() => lab.forget());

describe('a worker that is killed while every kind of step waits', { timeout: 240_000 }, () => {
  it('leaves no process, and its successor goes on with each', async () => {
    const stepwise = await Stepwise.start(lab);
    await stepwise.untilAllWait();
    const [process = ''] = stepwise.elements.begun;
    await worker.kill();
    await eventually('the end of the script', () => !existsSync(`/proc/${process}`));
    worker = await lab.startWorker();
    await eventually('the first element once more', () => stepwise.elements.begun.length === 2);
    expect(stepwise.elements.ended).toBe(0);
    await stepwise.approve();
    stepwise.arrive();
    stepwise.letElementsEnd();
    await stepwise.run.result();
    expect(stepwise.elements).toMatchObject({ begun: { length: 3 }, ended: 2 });
    expect(await lab.session.ledger.places()).toEqual([]);
    const steps = await lab.session.ledger.steps([stepwise.run.firstExecutionRunId]);
    expect(steps.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);
    const release = steps.find(({ table }) => table === 'release');
    expect(release && noteOf(release)).toBe('approved by anna: all is well');
  });

  it('ends what was cancelled meanwhile, and leaves nothing behind', async () => {
    const stepwise = await Stepwise.start(lab);
    await stepwise.untilAllWait();
    await worker.kill();
    await stepwise.run.cancel();
    worker = await lab.startWorker();
    await expect(stepwise.run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    // One may have been begun once more, before the run came to hear that it is cancelled.
    expect(stepwise.elements.begun.length).toBeGreaterThan(0);
    for (const process of stepwise.elements.begun) expect(existsSync(`/proc/${process}`)).toBe(false);
    expect(await lab.session.ledger.places()).toEqual([]);
    const steps = await lab.session.ledger.steps([stepwise.run.firstExecutionRunId]);
    expect(steps.filter(({ outcome }) => outcome === 'running')).toEqual([]);
  });
});
