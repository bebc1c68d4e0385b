import {
  parsePublication,
  type DatasetFile,
  type DatasetVersion,
  type MadeDataset,
  type Publication,
} from '../../core/datasets.ts';
import { InvalidInput, TransientError } from '../../core/errors.ts';
import type { Datasets, Lake, OpenDatasets } from './port.ts';

// Publications of datasets, wherever the lake is.

/** What a task leaves beside the files of a dataset. */
export const MADE = '_dataset.json';

/** Folders of attempts as this project names them: run, moment, number. What else lies there is somebody's. */
export const ATTEMPT = /^data-[0-9a-f-]{36}-\d+-\d+$/;

/** The clocks of workers and of the ledger are as far apart as that at most. */
const CLOCKS_MS = 5 * 60_000;
/** Digits of a publication's number: so many sort as text. */
const DIGITS = 8;

export type TaskPlace = Parameters<Datasets['open']>[0];
type Made = Parameters<OpenDatasets['publish']>[0];

/** What a task has left in the folder of a dataset, measured. */
export interface TakenDataset {
  readonly name: string;
  readonly made: MadeDataset;
  readonly files: readonly DatasetFile[];
}

export class PublishedMeanwhile extends TransientError {
  override name = 'PublishedMeanwhile';

  constructor({ pipeline, task }: TaskPlace) {
    super(`Another run has published what ${pipeline}'s task '${task}' makes. It is made again, upon that.`);
  }
}

/** Where publications are below the lake's root: `datasets/<pipeline>/<task>`. */
export function publicationsPath(pipeline: string, task: string): string {
  return `datasets/${pipeline}/${task}`;
}

export function publicationName(number: number): string {
  return `${String(number).padStart(DIGITS, '0')}.json`;
}

/** Of names in such a folder, those of publications, oldest first. */
export function publicationsAmong(names: readonly string[]): string[] {
  return names.filter((name) => /^\d+\.json$/.test(name)).sort();
}

/** @throws {InvalidInput} always */
export function nothingSaid(place: string): never {
  throw new InvalidInput(`The dataset in ${place}`, [
    `there is no ${MADE}: the task has ended without saying what it made (docs/lakehouse.md). Correct it, then rerun.`,
  ]);
}

/**
 * The publication that follows `upon`, and its text: what was taken in the place of what it replaces, all else as it was.
 * @throws {InvalidInput} files lie elsewhere than the task says
 */
export function publicationUpon(
  place: TaskPlace,
  upon: Publication | undefined,
  made: Made,
  taken: readonly TakenDataset[],
): { readonly publication: Publication; readonly text: string; readonly name: string } {
  const datasets: Record<string, DatasetVersion> = {};
  for (const [name, version] of Object.entries(upon?.datasets ?? {}))
    datasets[name] = { ...version, ...(made[name] && { inputs: made[name].inputs }) };
  for (const each of taken) {
    const rest = made[each.name];
    if (rest) datasets[each.name] = versionOf(rest, each, datasets[each.name]);
  }
  const { pipeline, task, run } = place;
  const number = (upon?.number ?? 0) + 1;
  const publishedAt = new Date().toISOString();
  const text = `${JSON.stringify({ format: 1, number, pipeline, task, run, publishedAt, datasets })}\n`;
  const name = publicationName(number);
  return { publication: parsePublication(text, name), text, name };
}

/** Which publications of a task readers may still want, and which another one has replaced long enough ago; see `Lake.gc`. */
export function sortedOut<Each extends { readonly publication: Publication }>(
  oldestFirst: readonly Each[],
  pipeline: string,
  { olderThanMs, runs = [] }: Parameters<Lake['gc']>[0],
): { readonly kept: readonly Each[]; readonly replaced: readonly Each[] } {
  const before = Date.now() - olderThanMs;
  const isKept = (at: number) => {
    const next = oldestFirst[at + 1]?.publication;
    const replacedAt = next ? Date.parse(next.publishedAt) : Infinity;
    const isRead = runs.some(
      (run) => run.pipeline === pipeline && Date.parse(run.startedAt) <= replacedAt + CLOCKS_MS,
    );
    return replacedAt > before || isRead;
  };
  return {
    kept: oldestFirst.filter((_, at) => isKept(at)),
    replaced: oldestFirst.filter((_, at) => !isKept(at)),
  };
}

/** A dataset with the new files in the place of those of the partitions that they replace. @throws {InvalidInput} they lie elsewhere */
function versionOf(
  rest: Made[string],
  { made, files }: TakenDataset,
  before: DatasetVersion | undefined,
): DatasetVersion {
  const { columns, replaces } = made;
  const { partitionedBy } = rest;
  const misplaced = files.find(
    ({ partition }) => partition.replaceAll(/=[^/]*/g, '') !== partitionedBy.join('/'),
  );
  const strange =
    replaces === 'all' ? undefined : files.find(({ partition }) => !replaces.includes(partition));
  const missing = partitionedBy.find((name) => !columns.some((column) => column.name === name));
  const problems = [
    ...(misplaced
      ? [`${misplaced.path} does not lie in a folder of its ${partitionedBy.join(', ') || 'dataset'}.`]
      : []),
    ...(strange ? [`${strange.path} is of a partition that 'replaces' does not name.`] : []),
    ...(missing === undefined
      ? []
      : [`column '${missing}', by which it is partitioned, is not among 'columns'.`]),
  ];
  if (problems.length) throw new InvalidInput('What the task has made', problems);
  const kept =
    replaces === 'all' ? [] : (before?.files ?? []).filter(({ partition }) => !replaces.includes(partition));
  const all = [...kept, ...files.filter(({ rows }) => rows > 0)].sort((a, b) =>
    a.partition < b.partition ? -1 : 1,
  );
  const sum = (field: 'rows' | 'bytes') => all.reduce((total, file) => total + file[field], 0);
  return { ...rest, columns, files: all, rows: sum('rows'), bytes: sum('bytes') };
}
