import proto from '@temporalio/proto';
import type { Connection } from '@temporalio/client';
import type { Command } from 'commander';
import { TerminalError } from '../../core/errors.ts';
import type { ResolvedPipeline } from '../../core/pipeline.ts';
import { SEARCH_ATTRIBUTES } from '../../core/run.ts';
import { registry } from '../../pipelines/index.ts';
import { hasReports, type ConnectionSettings } from '../../profiles/profile.ts';
import { lakeSchedule } from '../lake-schedule.ts';
import type { Output } from '../output.ts';
import { changeText, reconcileSchedules, type ScheduleChange } from '../schedules.ts';
import { withSession, type Session } from '../session.ts';
import { freshnessSchedule, pipelineSchedule } from '../wanted-schedules.ts';
import { example, invocation } from './globals.ts';

const { INDEXED_VALUE_TYPE_KEYWORD, INDEXED_VALUE_TYPE_DATETIME } =
  proto.temporal.api.enums.v1.IndexedValueType;

export function deployCommand(command: Command): void {
  command
    .addHelpText('after', example('sluice deploy --profile compose'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      await withSession(options, output, async (session) => {
        for (const { message } of registry.broken.values()) output.progress(`left out: ${message}`);
        sayWhatIsLeftOut(options.profile, session, output);
        const changes = await deploy(session);
        output.result(changes, changes.map(changeText).join('\n'));
        const failed = changes.filter(({ change }) => change === 'failed');
        if (failed.length) throw new TerminalError(failed.map(changeText).join('\n'));
      });
    });
}

/** May be called again, and while runs are going on. A schedule that cannot be made is among the changes, as failed. */
export async function deploy(session: Session): Promise<ScheduleChange[]> {
  const { temporal: client, connection, profile } = session;
  const leftOut = withoutSource(session);
  await addSearchAttributes(connection, profile.temporal.namespace);
  const { taskQueue } = profile.temporal;
  const wanted = [
    ...[...registry.values()]
      .filter((pipeline) => !leftOut.includes(pipeline))
      .flatMap((pipeline) => pipelineSchedule(pipeline, taskQueue) ?? []),
    ...lakeSchedule(profile),
    ...(hasReports(profile) ? [freshnessSchedule(taskQueue)] : []),
  ];
  // What is broken for now, or has no connection, is not gone.
  const kept = [...registry.broken.keys(), ...leftOut.map(({ name }) => name)];
  return reconcileSchedules(client, wanted, kept);
}

export function sayWhatIsLeftOut(name: string, session: Pick<Session, 'profile'>, output: Output): void {
  for (const pipeline of withoutSource(session)) {
    const { source = '' } = pipeline;
    const connection = session.profile.connections[source];
    const why = connection
      ? (absence(connection) ?? '')
      : `profile '${name}' has no connection '${source}'. Add it, then deploy again.`;
    output.progress(`left out: ${pipeline.name}: ${why}`);
  }
}

/** Pipelines of which every run would fail: the profile does not have what they read, or says that nobody has started it. */
function withoutSource({ profile }: Pick<Session, 'profile'>): ResolvedPipeline[] {
  return [...registry.values()].filter(({ source }) => {
    if (source === undefined) return false;
    const connection = profile.connections[source];
    return !connection || absence(connection) !== undefined;
  });
}

function absence(connection: ConnectionSettings): string | undefined {
  if (!('absent' in connection) || !connection.absent) return undefined;
  return [connection.absent, connection.hint].filter(Boolean).join(' ');
}

async function addSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in customAttributes));
  if (!missing.length) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(
      missing.map(([name, type]) => [
        name,
        type === 'KEYWORD' ? INDEXED_VALUE_TYPE_KEYWORD : INDEXED_VALUE_TYPE_DATETIME,
      ]),
    ),
  });
}
