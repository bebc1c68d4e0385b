import { existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRunning } from '../../connectors/process/running-harness.ts';
import { noteOf } from '../../operations/step-notes.ts';
import { AtWork, AtWorkProject, forAtWork } from './at-work.ts';
import type { LabWorker } from './crew.ts';
import { Lab } from './lab.ts';
import { forStepwise, Stepwise } from './stepwise.ts';
import { eventually } from './wait.ts';

let lab: Lab;
let worker: LabWorker;
const project = new AtWorkProject();

beforeAll(async () => {
  await project.open();
  lab = await Lab.open((profile) => forAtWork(forStepwise(profile)));
  worker = await lab.startWorker();
});
afterAll(async () => {
  await lab.close();
  project.close();
});
beforeEach(() => lab.forget());

const goneOf = (processes: readonly string[]) => processes.filter((id) => !isRunning(id));

describe('a worker that is killed while work of every kind is done', { timeout: 300_000 }, () => {
  it('leaves no process, its successor begins the work anew, and looks on', async () => {
    const atWork = await AtWork.start(lab, project);
    await atWork.untilBegun(1);
    await atWork.untilLooked();
    const { processes } = atWork;
    await worker.kill();
    await eventually('the end of script and job', () => goneOf(processes).length === 2);
    worker = await lab.startWorker();
    await atWork.untilBegun(2);

    // What ends while nobody can be told is done again: its worker dies before Temporal knows.
    await lab.restartTemporal(async () => {
      await atWork.letGo();
      await worker.kill();
    });
    worker = await lab.startWorker();
    await atWork.untilBegun(3);
    await atWork.arrive();
    await atWork.run.result();
    const steps = await lab.session.ledger.steps([atWork.run.firstExecutionRunId]);
    const of = (task: string) => steps.find(({ table }) => table === task);
    expect(steps.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);
    for (const task of ['scripted', 'called', 'sparked'])
      expect(of(task), task).toMatchObject({ attempt: 3, outcome: 'succeeded' });
    expect(atWork.begun.called).toEqual(['1', '2', '3']);
    expect(of('called')?.result).toEqual({ output: { attempt: 3 } });
    expect(of('priced')?.result).toEqual({ output: { price: '1.50' } });
    expect(of('answered')?.result).toEqual({ output: { status: 203 } });
    expect(of('followed')?.result).toMatchObject({ output: { pipeline: 'shop_patient' } });
  });

  it('that lives ends all of a run that nobody wants any more', async () => {
    const atWork = await AtWork.start(lab, project);
    await atWork.untilBegun(1);
    await atWork.run.cancel();
    await expect(atWork.run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    // The job is deaf to what asks it to end.
    expect(goneOf(atWork.processes)).toHaveLength(2);
    expect(atWork.begun.told).toHaveLength(1);
    const steps = await lab.session.ledger.steps([atWork.run.firstExecutionRunId]);
    for (const task of ['scripted', 'called', 'sparked', 'priced', 'answered', 'followed'])
      expect(
        steps.find(({ table }) => table === task),
        task,
      ).toMatchObject({ outcome: 'cancelled' });
  });
});

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
