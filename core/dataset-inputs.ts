import { TerminalError } from './errors.ts';
import { modeOf } from './extract-modes.ts';
import { hint } from './hint.ts';
import type { Manifest } from './manifest.ts';
import type { ResolvedPipeline } from './pipeline.ts';

/** What of `writes` no run could do. */
export function datasetProblems({
  tasks,
  tables,
}: Pick<ResolvedPipeline, 'tasks' | 'tables'>): readonly string[] {
  return tasks.flatMap(({ name, does, each, datasets = {} }) =>
    Object.entries(datasets).flatMap(([dataset, { from }]) => {
      const place = `tasks.${name}.writes.${dataset}`;
      const unfit = from.flatMap((each) => {
        const table = tables.find((table) => table.name === each);
        if (!table)
          return [
            `${place}.from: there is no table '${each}'${hint(
              each,
              tables.map(({ name }) => name),
            )}`,
          ];
        const { covers, mark } = modeOf(table.extract);
        if (covers === 'all' && table.write === 'replace') return [];
        if (mark === 'position' && table.primaryKey.length) return [];
        return [
          `${place}.from: '${each}' is extracted by mode '${table.extract.mode}'; a dataset is made from tables in mode 'changes' with a primary key, or 'snapshot' that replaces.`,
        ];
      });
      return [
        ...unfit,
        ...('container' in does
          ? [
              `${place}: a container has no folder of the lake to write to; let a script or a Spark job make it.`,
            ]
          : []),
        ...tasks
          .filter(({ onlyIf, each }) => onlyIf === name || each?.from === name)
          .map(
            (other) =>
              `tasks.${other.name}: '${name}' makes datasets, and is not done where nothing is new, so nothing can go by what it gives; let another task decide.`,
          ),
        ...(each
          ? [
              `${place}: a task that is done for each of a list makes no dataset; let one that follows it do so.`,
            ]
          : []),
      ];
    }),
  );
}

interface Load {
  readonly manifest: Pick<Manifest, 'loadId' | 'since' | 'highWaterMark'>;
}

/** Loads of changes that lead up to a position. */
export interface Changes<L> {
  /** They begin with a load that has all of the table. */
  readonly whole: boolean;
  /** Oldest first. */
  readonly loads: readonly L[];
}

/**
 * The loads that lead from one position of a table's stream of changes to another; from a reading of the whole table, where there is no
 * position to go on from, or it lies before one. Loads that were never applied hold what those after them hold again, so of two that
 * end at the same position either will do.
 * @param loads of one table, in any order
 * @throws {TerminalError} some of them are not in the lake
 */
export function changesBetween<L extends Load>(
  table: string,
  loads: readonly L[],
  from: string | undefined,
  to: string,
): Changes<L> {
  const newestFirst = loads
    .filter(({ manifest }) => manifest.highWaterMark !== null)
    .sort((a, b) => (a.manifest.loadId > b.manifest.loadId ? -1 : 1));
  const found: L[] = [];
  let at = to;
  let before: string | undefined;
  while (at !== from) {
    const load = newestFirst.find(
      ({ manifest: { highWaterMark, loadId } }) =>
        highWaterMark === at && (before === undefined || loadId < before),
    );
    if (!load)
      throw new TerminalError(
        `The lake has no load of '${table}' that ends at ${at}: changes before it are missing. ` +
          `Drop the table in the warehouse and run the pipeline: it is read whole again then.`,
      );
    found.unshift(load);
    const { since = null, loadId } = load.manifest;
    if (since === null) return { whole: true, loads: found };
    at = since;
    before = loadId;
  }
  return { whole: false, loads: found };
}
