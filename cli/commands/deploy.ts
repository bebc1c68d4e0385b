import proto from '@temporalio/proto';
import type { Connection } from '@temporalio/client';
import type { Command } from 'commander';
import { TerminalError } from '../../core/errors.ts';
import type { ResolvedPipeline } from '../../core/pipeline.ts';
import { SEARCH_ATTRIBUTES } from '../../core/run.ts';
import { registry } from '../../pipelines/index.ts';
import { hasReports } from '../../profiles/profile.ts';
import { lakeSchedule } from '../lake-schedule.ts';
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
        for (const { name, source } of unconnected(session))
          output.progress(
            `left out: ${name}, as profile '${options.profile}' has no connection '${source}'. Add it, then deploy again.`,
          );
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
  const leftOut = unconnected(session);
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

/** Pipelines of which every run would fail: the profile does not have what they read. */
function unconnected({ profile }: Pick<Session, 'profile'>): ResolvedPipeline[] {
  return [...registry.values()].filter(
    ({ source }) => source !== undefined && !(source in profile.connections),
  );
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
