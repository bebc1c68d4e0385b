import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { datasetTable, type DatasetVersion, type Publication } from '../core/datasets.ts';
import { HandedOver } from '../core/errors.ts';
import type { RunRef } from '../core/run.ts';
import type { Published, ResolvedTask, TaskResult } from '../core/tasks.ts';
import type { Datasets } from '../connectors/lake/port.ts';
import type { DatasetInput } from '../connectors/tasks/port.ts';
import type { Connectors } from './connectors.ts';
import { pinnedInputs, type PinnedDataset } from './pinned-inputs.ts';
import { say } from './step-lines.ts';

/**
 * Does a task that makes datasets: pins what they are made from, gives it a folder of its own for each, and publishes all of them in
 * one step when it has succeeded. Those of which nothing is new are left as they are; where that is all, the task is not done.
 * A task that makes none is done as it is.
 */
export async function withDatasets(
  connectors: Connectors,
  run: RunRef,
  task: ResolvedTask,
  work: (datasets?: Readonly<Record<string, DatasetInput>>) => Promise<TaskResult>,
): Promise<TaskResult> {
  if (!task.datasets) return work();
  const { datasets } = connectors.lake;
  const upon = await datasets.current(run.pipeline, task.name);
  const pinned = await pinnedInputs(connectors, run, task.datasets, upon);
  const stale = Object.entries(pinned).filter(([, { isNew }]) => isNew);
  if (upon && !stale.length) {
    say('nothing is new: all datasets stand as they were published');
    await point(connectors, run.pipeline, datasets, upon, task);
    return { output: null, published: publishedOf(upon, task, false) };
  }
  const made = await make(run, task, { datasets, upon, pinned, stale }, work);
  if ('skipped' in made) return made;
  await point(connectors, run.pipeline, datasets, made.publication, task);
  return { output: made.output, published: publishedOf(made.publication, task, true) };
}

interface Plan {
  readonly datasets: Datasets;
  readonly upon: Publication | undefined;
  readonly pinned: Readonly<Record<string, PinnedDataset>>;
  /** Those of them that are to be made. */
  readonly stale: readonly (readonly [string, PinnedDataset])[];
}

async function make(
  run: RunRef,
  task: ResolvedTask,
  { datasets, upon, pinned, stale }: Plan,
  work: (datasets: Readonly<Record<string, DatasetInput>>) => Promise<TaskResult>,
): Promise<{ publication: Publication; output: unknown } | Extract<TaskResult, { skipped: string }>> {
  const place = { pipeline: run.pipeline, task: task.name, run: run.runId };
  const { attempt, scheduledTimestampMs } = Context.current().info;
  const names = stale.map(([name]) => name);
  // A run may do a step again after it was reset: its attempts begin from 1 then.
  const id = `${run.runId}-${scheduledTimestampMs}-${attempt}`;
  const opened = await datasets.open(place, id, names, upon, workOf(run, task, upon, stale));
  try {
    const inputs = stale.map(
      ([name, { input }]) => [name, { uri: opened.uris[name] ?? '', ...input }] as const,
    );
    const result = await work(Object.fromEntries(inputs));
    if ('skipped' in result) {
      await opened.abort();
      return result;
    }
    const versions = Object.entries(pinned).map(([name, { inputs, revision, input }]) => [
      name,
      { inputs, revision, partitionedBy: [...input.partitionedBy] },
    ]);
    const publication = await opened.publish(
      Object.fromEntries(versions) as Record<
        string,
        Pick<DatasetVersion, 'inputs' | 'revision' | 'partitionedBy'>
      >,
    );
    for (const name of names) say(`${name}: ${publication.datasets[name]?.rows ?? 0} rows`);
    return { publication, output: result.output };
  } catch (error) {
    // Work that goes on elsewhere still writes there. What cannot be removed now is collected later.
    if (!(error instanceof HandedOver)) await opened.abort().catch(() => undefined);
    throw error;
  }
}

/** Names what containers and Spark jobs do, which attempts may join: the same where it is made from the same. */
function workOf(
  run: RunRef,
  { name, does }: ResolvedTask,
  upon: Plan['upon'],
  stale: Plan['stale'],
): string | undefined {
  if (!('spark' in does || 'container' in does)) return undefined;
  const asked = JSON.stringify([name, upon?.number ?? 0, stale]);
  return `${run.runId}-${createHash('sha256').update(asked).digest('hex').slice(0, 16)}`;
}

/** Lets readers see what is published; again where an earlier attempt has not come to it. */
async function point(
  { catalog }: Connectors,
  pipeline: string,
  datasets: Datasets,
  made: Publication,
  task: ResolvedTask,
): Promise<void> {
  // Runs of other intervals publish and point as well: whoever is last points at the newest, whose moment it had.
  const newest = async () => (await datasets.current(pipeline, task.name)) ?? made;
  let shown: number | undefined;
  for (let each = await newest(); each.number !== shown; each = await newest()) {
    await pointAt(catalog, pipeline, datasets, each, task);
    shown = each.number;
  }
}

async function pointAt(
  catalog: Connectors['catalog'],
  pipeline: string,
  datasets: Datasets,
  publication: Publication,
  task: ResolvedTask,
): Promise<void> {
  const tables = ofTask(publication, task).map(([name, version]) => ({
    ...datasetTable(pipeline, name),
    columns: version.columns,
    partitionedBy: version.partitionedBy,
    folderUri: datasets.folderUri(pipeline, name),
    fileUris: datasets.fileUris(pipeline, name, version),
  }));
  await catalog?.point(tables, Context.current().cancellationSignal);
}

/** The datasets that the task makes today; a publication may have others, which it made once. */
function ofTask({ datasets }: Publication, task: ResolvedTask): (readonly [string, DatasetVersion])[] {
  return Object.entries(datasets).filter(([name]) => task.writes.includes(name));
}

function publishedOf(publication: Publication, task: ResolvedTask, isNew: boolean): Published {
  const each = ofTask(publication, task).map(([name, { rows, files, inputs }]) => [
    name,
    { rows, files: files.length, inputs },
  ]);
  return {
    publication: publication.number,
    isNew,
    datasets: Object.fromEntries(each) as Published['datasets'],
  };
}
