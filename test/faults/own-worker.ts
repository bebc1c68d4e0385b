import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { Connectors } from '../../activities/connectors.ts';
import { createActivities } from '../../activities/index.ts';
import type { Ledger } from '../../connectors/ledger/port.ts';
import { openWarehouse } from '../../profiles/open.ts';
import type { Profile } from '../../profiles/profile.ts';
import { Sources } from '../../profiles/sources.ts';
import { connectorsOf } from '../../worker/connectors.ts';
import { StepJournal } from '../../worker/step-journal.ts';
import { StepRecorder } from '../../worker/step-recorder.ts';
import { workflowCode } from '../../worker/workflow-code.ts';
import { registry } from './shop.ts';

export interface OwnWorker {
  /** As an operator would: running activities get a moment, then they are told to stop. */
  stop(): Promise<void>;
}

/** What a worker would act on, for a test that puts something else in the place of a part. */
export async function openConnectors(profile: Profile, ledger: Ledger): Promise<Connectors> {
  return connectorsOf(profile, {
    dashboards: new Map(),
    registry,
    codeVersion: 'lab',
    ledger,
    steps: new StepJournal(ledger, () => undefined),
    warehouse: await openWarehouse(profile),
    sources: new Sources(profile),
  });
}

/** A worker in the test's own process, with connectors that no profile can name. */
export async function startOwnWorker(
  profile: Profile,
  connectors: Connectors,
  workflowsPath?: string,
): Promise<OwnWorker> {
  quieten();
  const log = pino({ level: 'silent' });
  const connection = await NativeConnection.connect({ address: profile.temporal.address });
  const worker = await Worker.create({
    connection,
    taskQueue: profile.temporal.taskQueue,
    ...(workflowsPath === undefined ? await workflowCode('') : { workflowsPath }),
    activities: createActivities(connectors),
    interceptors: {
      activity: [(context) => ({ inbound: new StepRecorder(context, connectors.steps, log) })],
    },
    maxConcurrentActivityTaskPolls: 2,
    maxConcurrentWorkflowTaskPolls: 2,
    maxHeartbeatThrottleInterval: '200 milliseconds',
    stickyQueueScheduleToStartTimeout: '2 seconds',
    shutdownGraceTime: '200 milliseconds',
    shutdownForceTime: '20 seconds',
  });
  const ended = worker.run().finally(() => connection.close());
  return {
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}

let quiet = false;

function quieten(): void {
  if (!quiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  quiet = true;
}
