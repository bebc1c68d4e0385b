import { masker } from '../../core/masks.ts';
import type { ResolvedTask, TaskResult, Work } from '../../core/tasks.ts';
import { callFunction } from './function.ts';
import type { TaskInput, Tasks } from './port.ts';
import { runScript } from './script.ts';

export interface ProjectTasksOptions {
  /** The project's `tasks/`: where functions lie and scripts work. */
  readonly folder: string;
  /** What a task may see beside its input, by its name: secrets of the profile. Their values are masked in what it writes. */
  readonly environments?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Tasks of a project, done in or beside this process. */
export class ProjectTasks implements Tasks {
  readonly #options: ProjectTasksOptions;

  constructor(options: ProjectTasksOptions) {
    this.#options = options;
  }

  run(
    task: ResolvedTask<Work>,
    input: TaskInput,
    signal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<TaskResult> {
    const { folder, environments = {} } = this.#options;
    const { name, does, timeout } = task;
    const subject = `${input.run.pipeline}'s task '${name}'`;
    const environment = environments[name] ?? {};
    const masked = masker(Object.values(environment));
    return 'run' in does
      ? callFunction({ subject, name: does.run, timeout, folder }, input, signal, onLine)
      : runScript(
          { subject, script: does.script, timeout, folder, environment, masked },
          input,
          signal,
          onLine,
        );
  }
}
