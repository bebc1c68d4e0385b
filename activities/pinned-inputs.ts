import { changesBetween } from '../core/dataset-inputs.ts';
import type { Publication, ResolvedDataset } from '../core/datasets.ts';
import { TerminalError } from '../core/errors.ts';
import { modeOf } from '../core/extract-modes.ts';
import type { ResolvedPipeline, ResolvedTable } from '../core/pipeline.ts';
import type { RunRef } from '../core/run.ts';
import type { CommittedLoad } from '../connectors/lake/port.ts';
import type { DatasetInput, TableInput } from '../connectors/tasks/port.ts';
import type { Connectors } from './connectors.ts';

export interface PinnedDataset {
  /** Something that it is made from has changed since it was published, or how it is made. */
  readonly isNew: boolean;
  readonly input: Omit<DatasetInput, 'uri'>;
  /** How far each table is read. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly revision: number;
}

interface Pin {
  /** The position, or the fingerprint of a snapshot. */
  readonly at: string;
  /** There is something since. */
  readonly hasRows: boolean;
  readonly input: TableInput;
}

/** What each dataset is made from now: loads that the warehouse has, since those that its newest version was made from. */
export async function pinnedInputs(
  { ledger, warehouse, lake }: Pick<Connectors, 'ledger' | 'warehouse' | 'lake'>,
  { pipeline, runId }: Pick<RunRef, 'pipeline' | 'runId'>,
  datasets: Readonly<Record<string, ResolvedDataset>>,
  upon: Publication | undefined,
): Promise<Readonly<Record<string, PinnedDataset>>> {
  const { tables: definitions = [] } = ((await ledger.definition(runId)) ?? {}) as Partial<ResolvedPipeline>;
  const listed = new Map<string, Promise<CommittedLoad[]>>();
  const loadsOf = (table: ResolvedTable) => {
    const loads =
      listed.get(table.name) ?? all(lake.list({ pipeline, domain: table.domain, table: table.name }));
    listed.set(table.name, loads);
    return loads;
  };
  const pin = async (table: ResolvedTable, from: string | undefined): Promise<Pin> => {
    const { mode } = table.extract;
    const kind = { mode, primaryKey: table.primaryKey };
    const filesOf = ({ manifestUri, manifest }: CommittedLoad) => ({
      loadId: manifest.loadId,
      files: lake.fileUris(manifestUri, manifest),
    });
    if (modeOf(table.extract).mark === 'position') {
      const mark = await warehouse.mark(pipeline, table.name);
      if (!mark) throw notLoaded(pipeline, table);
      const { whole, loads } = changesBetween(table.name, await loadsOf(table), from, mark.value);
      const rows = loads.reduce((sum, { manifest }) => sum + manifest.rows, 0);
      return {
        at: mark.value,
        // Read whole again, the table may have lost what it had.
        hasRows: whole || rows > 0,
        input: { ...kind, whole, columns: columnsOf(loads.at(-1)), loads: loads.map(filesOf) },
      };
    }
    const last = await warehouse.lastLoad(pipeline, table.name);
    if (!last) throw notLoaded(pipeline, table);
    const manifest = await lake.readManifest(last.manifestUri);
    const load = { manifestUri: last.manifestUri, manifest };
    const hasRows = last.fingerprint !== from;
    return {
      at: last.fingerprint,
      hasRows,
      input: { ...kind, whole: true, columns: columnsOf(load), loads: [filesOf(load)] },
    };
  };
  const pinned: Record<string, PinnedDataset> = {};
  for (const [name, { from, partitionedBy, revision }] of Object.entries(datasets)) {
    const before = upon?.datasets[name];
    const isSame =
      before?.revision === revision &&
      before.partitionedBy.join() === partitionedBy.join() &&
      sameTables(before.inputs, from);
    const present = isSame ? before : undefined;
    const tables = from.map((each) => {
      const table = definitions.find((table) => table.name === each);
      if (table) return table;
      throw new TerminalError(
        `${pipeline}: ${name} is made from '${each}', which the run's definition does not have. Run the pipeline with all of its tables.`,
      );
    });
    const pins = await Promise.all(tables.map((table) => pin(table, present?.inputs[table.name])));
    // Where one of several tables is there as a whole, all are needed as such.
    const goesOn = present !== undefined && pins.every(({ input }) => !input.whole);
    const whole =
      goesOn || present === undefined
        ? pins
        : await Promise.all(tables.map((table) => pin(table, undefined)));
    const used = goesOn ? pins : whole;
    const entries = used.map((pin, at) => [tables[at]?.name ?? '', pin] as const);
    const inputs = Object.fromEntries(entries.map(([table, { at }]) => [table, at]));
    pinned[name] = {
      isNew: present === undefined || pins.some(({ hasRows }) => hasRows),
      input: {
        partitionedBy,
        present: goesOn ? { files: lake.datasets.fileUris(pipeline, name, present) } : null,
        from: Object.fromEntries(entries.map(([table, { input }]) => [table, input])),
      },
      inputs,
      revision,
    };
  }
  return pinned;
}

function columnsOf(load: CommittedLoad | undefined): TableInput['columns'] {
  return (load?.manifest.schema.columns ?? []).map(({ name, type }) => ({ name, type }));
}

function sameTables(inputs: Readonly<Record<string, string>>, from: readonly string[]): boolean {
  return Object.keys(inputs).sort().join() === [...from].sort().join();
}

function notLoaded(pipeline: string, { name }: ResolvedTable): TerminalError {
  return new TerminalError(
    `Nothing of ${pipeline}.${name} is loaded, and a dataset is made from it. Let the task come after 'load'.`,
  );
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
