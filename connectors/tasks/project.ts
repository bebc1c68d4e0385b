import { TerminalError } from '../../core/errors.ts';
import { masker } from '../../core/masks.ts';
import type { ProjectWork, ResolvedTask, TaskResult } from '../../core/tasks.ts';
import type { ContainerRunner, SparkRunner } from '../jobs/port.ts';
import { runContainer } from './container.ts';
import { callFunction } from './function.ts';
import type { TaskInput, Tasks } from './port.ts';
import { runScript } from './script.ts';
import { runSpark } from './spark.ts';

export interface ProjectTasksOptions {
  /** The project's `tasks/`: where functions lie and scripts work. */
  readonly folder: string;
  /** What a task may see beside its input, by its name: variables of the profile. */
  readonly environments?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Which values of these are masked in what it writes; absent: all. */
  readonly secrets?: Readonly<Record<string, readonly string[]>>;
  /** Absent: the profile names none. */
  readonly containers?: ContainerRunner | undefined;
  /** Absent: the profile names none. */
  readonly spark?: SparkRunner | undefined;
}

/** Tasks of a project, done in or beside this process, or in containers. */
export class ProjectTasks implements Tasks {
  readonly #options: ProjectTasksOptions;

  constructor(options: ProjectTasksOptions) {
    this.#options = options;
  }

  async run(
    task: ResolvedTask<ProjectWork>,
    input: TaskInput,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<TaskResult> {
    const { folder, environments = {}, secrets = {}, containers, spark } = this.#options;
    const { name, does, timeout } = task;
    const subject = `${input.run.pipeline}'s task '${name}'`;
    const environment = environments[name] ?? {};
    const masked = masker(secrets[name] ?? Object.values(environment));
    if ('run' in does)
      return callFunction({ subject, name: does.run, timeout, folder, masked }, input, signal, onLine);
    const given = { subject, timeout, environment, masked };
    if ('script' in does) return runScript({ ...given, script: does.script, folder }, input, signal, onLine);
    if ('spark' in does) {
      if (spark) return runSpark({ ...given, name, job: does.spark }, spark, input, signal, onLine);
      throw new TerminalError(
        `${subject} is a Spark job, and the profile names nothing that runs one. Add 'jobs: { spark: { type: local, python: … } }' to it.`,
      );
    }
    if (containers) {
      // Behind the last attempt, one that ended meanwhile is an answer.
      const isLast = input.attempt > (input.run.patience?.attempts ?? Infinity);
      const retriesFailures = task.retry !== undefined && !isLast;
      const call = { ...given, name, container: does.container, retriesFailures };
      return runContainer(call, containers, input, signal, onLine);
    }
    throw new TerminalError(
      `${subject} is a container, and the profile names nothing that runs one. Add 'jobs: { container: { type: docker } }' to it.`,
    );
  }

  async release(runId: string): Promise<void> {
    const { containers, spark } = this.#options;
    await Promise.all([containers?.release(runId), spark?.release(runId)]);
  }
}
