import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Dashboards } from '../../core/dashboards/registry.ts';
import { martProblems } from '../../core/dashboards/mart-problems.ts';
import { InvalidInput } from '../../core/errors.ts';
import type { Registry } from '../../core/registry.ts';
import { onFilesOf } from '../../core/schedule.ts';
import { dashboards } from '../../dashboards/index.ts';
import { registry } from '../../pipelines/index.ts';
import type { Profile } from '../../profiles/profile.ts';
import { PROJECT } from '../../profiles/project.ts';
import { whyNotTogether } from '../../profiles/sources.ts';
import { describedModels } from '../../connectors/transform/dbt/described.ts';
import { missingOf } from '../../connectors/tasks/missing.ts';
import { runsOwnStack } from '../embedded/home.ts';
import { OF_PIPELINES } from '../watch-definitions.ts';
import { engineAway } from '../container-engine.ts';
import { withStores } from '../session.ts';
import { example, invocation } from './globals.ts';

export function validateCommand(command: Command): void {
  command
    .addHelpText('after', example('sluice validate --profile compose'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      const profile = await withStores(options, output, (opened) => Promise.resolve(opened));
      const away = await engineAway(registry, profile);
      // Elsewhere, an engine that is out of reach from here need not be.
      const isHere = runsOwnStack(options.profile, process.env);
      const problems = [
        ...problemsOf(registry, profile, options.profile),
        ...dashboardProblems(dashboards, registry, profile),
        ...(away !== undefined && isHere ? [away] : []),
      ];
      const warnings = away === undefined ? [] : [away];
      if (problems.length)
        throw new InvalidInput(`${OF_PIPELINES}, with profile '${options.profile}',`, problems);
      const pipelines = [...registry.values()].map(({ name, tables, tasks }) => ({
        name,
        tables: tables.length,
        tasks: tasks.length,
      }));
      const shown = [...dashboards.values()].map(({ name, panels }) => ({ name, panels: panels.length }));
      output.result(
        { profile: options.profile, pipelines, dashboards: shown, warnings },
        [
          ...pipelines.map(({ name, tables, tasks }) => `${name}: ${partsInWords(tables, tasks)}, valid`),
          ...shown.map(({ name, panels }) => `${name}: ${panels} panels, valid`),
          ...warnings.map((warning) => `! ${warning}`),
        ].join('\n'),
      );
    });
}

function partsInWords(tables: number, tasks: number): string {
  const parts = [
    ...(tables ? [`${tables} ${tables === 1 ? 'table' : 'tables'}`] : []),
    ...(tasks ? [`${tasks} ${tasks === 1 ? 'task' : 'tasks'}`] : []),
  ];
  return parts.join(', ') || 'models';
}

/** What is wrong with dashboards: in themselves, and against the models that there are. */
export function dashboardProblems(
  dashboards: Dashboards,
  registry: Registry,
  { transform }: Pick<Profile, 'transform'>,
): string[] {
  const models = describedModels(transform.project);
  const pipelines = [...registry.keys(), ...(registry.broken?.keys() ?? [])];
  return [
    ...dashboards.broken.map(({ message }) => message),
    ...[...dashboards.values()].flatMap((dashboard) => {
      const problems = martProblems(dashboard, pipelines, models);
      return problems.length ? [new InvalidInput(`Dashboard '${dashboard.name}'`, problems).message] : [];
    }),
  ].map((message) => message.replaceAll('\n', '\n  '));
}

/** Everything that is wrong, not only the first. */
export function problemsOf(
  registry: Registry,
  { connections, transform, pools, jobs }: Pick<Profile, 'connections' | 'transform' | 'pools' | 'jobs'>,
  profileName: string,
): string[] {
  const pipelines = [...registry.values()];
  const broken = [...(registry.broken?.values() ?? [])];
  const problems = broken.map(({ message }) => message.replaceAll('\n', '\n  '));
  if (!pipelines.length && !broken.length)
    problems.push('there is no pipeline: add a file that exports one (README.md shows it).');
  for (const { name, source } of pipelines)
    if (source !== undefined && !(source in connections))
      problems.push(
        `Pipeline '${name}' reads connection '${source}', which profile '${profileName}' does not have. Add it under 'connections'.`,
      );
  for (const { name, source, schedule, tables } of pipelines) {
    const settings = source === undefined ? undefined : connections[source];
    if (!settings || (!tables.length && !onFilesOf(schedule))) continue;
    const isOfFiles = onFilesOf(schedule) !== undefined;
    if (isOfFiles !== (settings.type === 'files'))
      problems.push(
        `Pipeline '${name}' ${isOfFiles ? 'runs on files' : 'reads tables'}, and connection '${source ?? ''}' of profile '${profileName}' is of type ${settings.type}. Name another one.`,
      );
  }
  for (const pipeline of pipelines) {
    const why = whyNotTogether({ connections }, pipeline);
    if (why !== undefined) problems.push(`Pipeline '${pipeline.name}' with profile '${profileName}': ${why}`);
  }
  // What the tasks of a broken pipeline name is told with what is wrong with it, not once that is mended.
  const withTasks = [
    ...pipelines,
    ...[...(registry.broken ?? [])].map(([name, { tasks }]) => ({ name, tasks })),
  ];
  for (const { name, tasks } of withTasks)
    for (const { name: task, does } of tasks) {
      const missing =
        'run' in does || 'script' in does
          ? missingOf(does, join(PROJECT, 'tasks'), runsOwnStack(profileName, process.env))
          : undefined;
      if (missing !== undefined) problems.push(`Task '${task}' of pipeline '${name}': ${missing}`);
    }
  for (const { name, tasks } of withTasks)
    for (const { name: task, pool } of tasks)
      if (pool !== undefined && !(pool in pools))
        problems.push(
          `Task '${task}' of pipeline '${name}' needs pool '${pool}', which profile '${profileName}' does not have. Add it under 'pools', with its size.`,
        );
  for (const { name, tasks } of withTasks)
    for (const { name: task, does } of tasks)
      if ('spark' in does) {
        const file = join(PROJECT, 'spark', 'jobs', `${does.spark}.py`);
        if (!jobs.spark)
          problems.push(
            `Task '${task}' of pipeline '${name}' is a Spark job, and profile '${profileName}' names nothing that runs one. Add 'jobs: { spark: { type: local, python: … } }' to it.`,
          );
        if (!existsSync(file))
          problems.push(
            `Task '${task}' of pipeline '${name}': there is no ${file}; write it, or correct the name.`,
          );
      } else if ('container' in does && !jobs.container)
        problems.push(
          `Task '${task}' of pipeline '${name}' is a container, and profile '${profileName}' names nothing that runs one. Add 'jobs: { container: { type: docker } }' to it.`,
        );
  const models = pipelines.filter((pipeline) => pipeline.transform).map(({ name }) => `'${name}'`);
  if (models.length && !existsSync(join(transform.project, 'dbt_project.yml')))
    problems.push(
      `${models.join(', ')} build models, but there is no dbt project in ${transform.project}. Correct 'transform.project' in profile '${profileName}'.`,
    );
  return problems;
}
