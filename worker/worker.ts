import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import type { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import { createActivities } from '../activities/index.ts';
import { thenCleanUp } from '../core/clean-up.ts';
import { TransientError, messageOf } from '../core/errors.ts';
import { masker } from '../core/masks.ts';
import type { Dashboard } from '../core/dashboards/resolve.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import { openLineage } from '../profiles/open-reports.ts';
import { openLedger, openWarehouse } from '../profiles/open.ts';
import type { Profile } from '../profiles/profile.ts';
import { secretsOf } from '../profiles/secrets-of.ts';
import { Sources } from '../profiles/sources.ts';
import { connectorsOf } from './connectors.ts';
import { serveHealth } from './health.ts';
import { LineageEvents, type LineageEventsOptions } from './lineage-events.ts';
import { LineageRecorder } from './lineage-recorder.ts';
import { STEP_BUCKETS, STEP_SECONDS } from './metrics.ts';
import { StepJournal } from './step-journal.ts';
import { joinsWork } from './joins.ts';
import { StepRecorder } from './step-recorder.ts';
import { workflowCode } from './workflow-code.ts';

export interface WorkerOptions {
  readonly profile: Profile;
  readonly registry: ReadonlyMap<string, ResolvedPipeline>;
  readonly dashboards: ReadonlyMap<string, Dashboard>;
  readonly codeVersion: string;
  readonly log: Logger;
  /** Reads the profile once more: passwords are rotated while a worker runs. */
  readonly readAnew: () => Promise<Profile>;
}

const GRACE = '20 seconds'; // running activities get this long to end by themselves
const FORCE = '30 seconds';
const POLLS = 2; // each open poll of a worker that stands still swallows a task, and with it one of its attempts

/** Runs a worker until it is told to stop (SIGTERM, SIGINT) or loses Temporal for good. */
export async function runWorker({
  profile,
  registry,
  dashboards,
  codeVersion,
  log,
  readAnew,
}: WorkerOptions): Promise<void> {
  installRuntime(profile, log);
  let masks = masker(secretsOf(profile));
  const anew = async () => {
    const now = await readAnew();
    masks = masker([...secretsOf(profile), ...secretsOf(now)]);
    return now;
  };
  const ledger = await openLedger(profile, anew);
  const warehouse = await openWarehouse(profile);
  const sources = new Sources(profile, anew);
  const steps = new StepJournal(ledger, (step, error) => log.warn({ step, error }, 'step not recorded yet'));
  const masked = (text: string) => masks(text);
  const joins = joinsWork(profile.jobs.spark?.type);
  const events = await lineageEvents(profile, { ledger, registry, dashboards, log });
  const state: { worker?: Worker } = {};
  // First of all, so that a worker whose port is taken ends before it takes work.
  const health = profile.worker.health
    ? await serveHealth(profile.worker.health, () => state.worker?.getState() === 'RUNNING')
    : undefined;
  const connecting = connect(profile);
  connecting.catch(() => undefined); // awaited below
  await thenCleanUp(
    async () => {
      await ledger.migrate();
      const connection = await connecting;
      const worker = await Worker.create({
        connection,
        namespace: profile.temporal.namespace,
        taskQueue: profile.temporal.taskQueue,
        ...(await workflowCode(profile.worker.workflowBundle)),
        activities: createActivities(
          await connectorsOf(profile, {
            registry,
            dashboards,
            codeVersion,
            ledger,
            steps,
            warehouse,
            sources,
            lineage: events && ((each) => events.tell(each)),
          }),
        ),
        interceptors: {
          activity: [
            (context) => ({ inbound: new StepRecorder(context, steps, log, masked, joins) }),
            ...(events
              ? [
                  (context: Context) => ({
                    inbound: new LineageRecorder(context, (each) => events.tell(each), masked),
                  }),
                ]
              : []),
          ],
        },
        maxConcurrentActivityTaskExecutions: profile.worker.maxActivities,
        maxConcurrentActivityTaskPolls: POLLS,
        maxConcurrentWorkflowTaskPolls: POLLS,
        maxHeartbeatThrottleInterval: '1 second',
        stickyQueueScheduleToStartTimeout: '2 seconds',
        shutdownGraceTime: GRACE,
        shutdownForceTime: FORCE,
      });
      state.worker = worker;
      log.info(
        { taskQueue: profile.temporal.taskQueue, pipelines: [...registry.keys()], codeVersion },
        'worker started',
      );
      await worker.run();
    },
    async () => {
      health?.close();
      await Promise.all([steps.close(), events?.close()]);
      const opened = await connecting.catch(() => undefined);
      await Promise.allSettled([sources.close(), warehouse.close(), ledger.close(), opened?.close()]);
    },
  );
}

/** Undefined where the profile names nobody who takes them. */
async function lineageEvents(
  profile: Profile,
  parts: Pick<LineageEventsOptions, 'ledger' | 'registry' | 'dashboards' | 'log'>,
): Promise<LineageEvents | undefined> {
  const sink = await openLineage(profile);
  if (!sink || !profile.lineage) return undefined;
  const dropped = Runtime.instance().metricMeter.createCounter(
    'sluice_lineage_events_dropped',
    'events',
    'Lineage events that nobody got',
  );
  const { namespace } = profile.lineage;
  return new LineageEvents({ ...parts, sink, namespace, onDropped: (events) => dropped.add(events) });
}

function installRuntime(profile: Profile, log: Logger): void {
  const { metrics } = profile.worker;
  Runtime.install({
    shutdownSignals: ['SIGINT', 'SIGTERM'],
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      log[level === 'TRACE' ? 'trace' : (level.toLowerCase() as 'debug' | 'info' | 'warn' | 'error')](
        meta ?? {},
        message,
      );
    }),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }), forward: {} },
      ...(metrics
        ? {
            metrics: {
              prometheus: {
                bindAddress: metrics,
                countersTotalSuffix: true,
                histogramBucketOverrides: { [STEP_SECONDS]: [...STEP_BUCKETS] },
              },
            },
          }
        : {}),
    },
  });
}

async function connect({ temporal }: Profile): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ address: temporal.address });
  } catch (error) {
    throw new TransientError(
      `Temporal at ${temporal.address} cannot be reached: ${messageOf(error).split('\n')[0] ?? ''}. Start it, or correct 'temporal.address' in the profile.`,
      { cause: error },
    );
  }
}
