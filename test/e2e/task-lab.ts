import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Connectors } from '../../activities/connectors.ts';
import { ProjectTasks } from '../../connectors/tasks/project.ts';
import { resolveAll, type Registry } from '../../core/registry.ts';
import type { Session } from '../../cli/session.ts';
import type { Profile } from '../../profiles/profile.ts';
import { Lab } from '../faults/lab.ts';
import { openConnectors, startOwnWorker, type OwnWorker } from '../faults/own-worker.ts';

/** A lab with pipelines of the test's own, and a folder in which their tasks work. */
export interface TaskLab {
  readonly lab: Lab;
  readonly session: Session;
  readonly registry: Registry;
  readonly connectors: Connectors;
  readonly folder: string;
  /** What a task has left as JSON in a file of the folder. */
  json(file: string): unknown;
  /** Another worker takes over what this one did; its memory is lost. */
  replaceWorker(): Promise<void>;
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** @param others what the worker's connectors have in the place of the lab's */
export async function openTaskLab(
  pipelines: readonly unknown[],
  adapt: (profile: Profile) => Profile = (profile) => profile,
  others: (connectors: Connectors, profile: Profile) => Partial<Connectors> = () => ({}),
): Promise<TaskLab> {
  const lab = await Lab.open(adapt);
  const registry = resolveAll(pipelines);
  const folder = join(lab.home, 'tasks');
  const opened = await openConnectors(lab.profile, lab.session.ledger);
  const connectors = {
    ...opened,
    ...others(opened, lab.profile),
    registry,
    tasks: new ProjectTasks({ folder }),
  };
  let worker: OwnWorker = await startOwnWorker(lab.profile, connectors);
  return {
    lab,
    session: lab.session,
    registry,
    connectors,
    folder,
    json: (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown,
    async replaceWorker() {
      await worker.stop();
      worker = await startOwnWorker(lab.profile, connectors);
    },
    async forget() {
      await lab.forget();
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
    },
    async close() {
      await worker.stop();
      await (await opened.source('shop')).close();
      await connectors.warehouse.close();
      await lab.close();
    },
  };
}
