import { randomUUID } from 'node:crypto';
import {
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteTableCommand,
  GetDatabaseCommand,
  GetTableCommand,
  GlueClient,
  UpdateTableCommand,
  type Column,
  type Partition,
  type StorageDescriptor,
  type Table,
} from '@aws-sdk/client-glue';
import { awsError } from '../../aws/errors.ts';
import type { Catalog, CatalogTable } from '../port.ts';
import { CatalogMoved, FolderChanged, NotOurs } from './errors.ts';
import { Partitions, type PartitionChanges } from './partitions.ts';
import { OWNER, shapeOf, type Shape } from './shape.ts';

const SDK_ATTEMPTS = 5;
/** The parameter of a table that says which change was the last. */
const CHANGE = 'sluice_change';

export interface GlueCatalogOptions {
  /** Absent: as the SDK finds it in the environment. */
  readonly client?: GlueClient;
  /** Begins the names of databases: `dev_`. */
  readonly prefix?: string;
  /** The files below a folder of the lake, by address. */
  readonly listed: (folderUri: string) => AsyncIterable<string>;
}

/** What is to be done with a table; nothing where `isSame` and there are no changes. */
interface Plan {
  readonly database: string;
  readonly shape: Shape;
  readonly present: Table | undefined;
  readonly isSame: boolean;
  /** Other columns name its folders now: it is made anew. */
  readonly isAnew: boolean;
  readonly changes: PartitionChanges;
}

/**
 * Tables of the AWS Glue Data Catalog: a database for each schema, a partition for each folder. Glue has no transactions: a table without
 * partitions changes at one moment, one with partitions each of them at its own. Everything is looked at before anything is changed.
 * https://docs.aws.amazon.com/glue/latest/webapi/API_Operations.html
 */
export class GlueCatalog implements Catalog {
  readonly #client: GlueClient;
  readonly #prefix: string;
  readonly #listed: GlueCatalogOptions['listed'];

  constructor({ client, prefix = '', listed }: GlueCatalogOptions) {
    this.#client = client ?? new GlueClient({ maxAttempts: SDK_ATTEMPTS });
    this.#prefix = prefix;
    this.#listed = listed;
  }

  async point(tables: readonly CatalogTable[], signal: AbortSignal): Promise<void> {
    try {
      await this.#point(tables, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  async #point(tables: readonly CatalogTable[], signal: AbortSignal): Promise<void> {
    const shapes = tables.map(shapeOf);
    const missing: string[] = [];
    for (const schema of new Set(shapes.map(({ schema }) => schema)))
      if (!(await this.#hasDatabase(this.#prefix + schema, signal))) missing.push(this.#prefix + schema);
    const plans: Plan[] = [];
    for (const shape of shapes) plans.push(await this.#plan(shape, signal));
    for (const plan of plans) await this.#mustHoldTheirFiles(plan);
    for (const name of missing) await this.#createDatabase(name, signal);
    for (const plan of plans) await this.#carryOut(plan, signal);
  }

  /** @throws {NotOurs} there is one, and it is not ours */
  async #hasDatabase(name: string, abortSignal: AbortSignal): Promise<boolean> {
    const found = await orMissing(`Looking at database ${name} of the Glue catalog`, () =>
      this.#client.send(new GetDatabaseCommand({ Name: name }), { abortSignal }),
    );
    if (!found) return false;
    if (!isOurs(found.Database?.Parameters))
      throw new NotOurs(`Database ${name}`, `Set another 'prefix' for the profile's catalog`);
    return true;
  }

  async #createDatabase(name: string, abortSignal: AbortSignal): Promise<void> {
    const DatabaseInput = { Name: name, Parameters: OWNER, Description: 'Datasets that Sluice publishes' };
    await unlessMoved(name, `Making database ${name} of the Glue catalog`, () =>
      this.#client.send(new CreateDatabaseCommand({ DatabaseInput }), { abortSignal }),
    );
  }

  async #plan(shape: Shape, signal: AbortSignal): Promise<Plan> {
    const database = this.#prefix + shape.schema;
    const present = await this.#table(database, shape.table.Name, signal);
    const isAnew = present !== undefined && !sameColumns(present.PartitionKeys, shape.table.PartitionKeys);
    const had =
      present === undefined || isAnew || !shape.table.PartitionKeys?.length
        ? new Map<string, Partition>()
        : await this.#partitions(database, shape, signal).present();
    const added: PartitionChanges['added'][number][] = [];
    const moved: PartitionChanges['moved'][number][] = [];
    for (const [key, partition] of shape.partitions) {
      const before = had.get(key);
      if (!before) added.push(partition);
      else if (!sameFiles(before.StorageDescriptor, partition.StorageDescriptor)) moved.push(partition);
    }
    const gone = [...had].filter(([key]) => !shape.partitions.has(key)).map(([, { Values = [] }]) => Values);
    const isSame = !isAnew && sameFiles(present?.StorageDescriptor, shape.table.StorageDescriptor);
    return { database, shape, present, isSame, isAnew, changes: { added, moved, gone } };
  }

  /** @throws {NotOurs} there is one, and it is not ours */
  async #table(database: string, name: string, abortSignal: AbortSignal): Promise<Table | undefined> {
    const found = await orMissing(`Looking at ${database}.${name} of the Glue catalog`, () =>
      this.#client.send(new GetTableCommand({ DatabaseName: database, Name: name }), { abortSignal }),
    );
    if (found && !isOurs(found.Table?.Parameters))
      throw new NotOurs(`Table ${database}.${name}`, 'Give one of the two another name');
    return found?.Table;
  }

  /** Of the folders that the catalog does not say already. @throws {FolderChanged} */
  async #mustHoldTheirFiles({ database, shape, isSame, changes }: Plan): Promise<void> {
    const { folders, table, partitions } = shape;
    const told = partitions.size
      ? [...changes.added, ...changes.moved].map(({ StorageDescriptor }) => StorageDescriptor?.Location ?? '')
      : [...(isSame ? [] : folders.keys())];
    const fresh = new Set(told);
    const [first] = told;
    if (first === undefined) return;
    const there = new Map([...fresh].map((folder) => [folder, new Set<string>()]));
    for (const root of rootsOf(told, table.PartitionKeys?.length ?? 0))
      for await (const uri of this.#listed(root)) {
        const name = uri.slice(uri.lastIndexOf('/') + 1);
        if (!/^[._]/.test(name)) there.get(uri.slice(0, -name.length))?.add(uri);
      }
    for (const folder of fresh) {
      const has = there.get(folder) ?? new Set();
      const wanted = folders.get(folder) ?? new Set();
      const gone = [...wanted].filter((uri) => !has.has(uri));
      const strange = [...has].filter((uri) => !wanted.has(uri));
      const named = (uri: string | undefined) => uri?.slice(folder.length);
      const problem = !has.size
        ? 'is no file'
        : gone.length
          ? `${gone.length} of its ${wanted.size} files are missing, as ${named(gone[0])}`
          : strange.length
            ? `lies ${named(strange[0])}, which was not published`
            : undefined;
      if (problem) throw new FolderChanged(`${database}.${table.Name}`, folder, problem);
    }
  }

  async #carryOut(plan: Plan, signal: AbortSignal): Promise<void> {
    const { database, shape, present, isSame, isAnew, changes } = plan;
    const { moved, added, gone } = changes;
    const changesPartitions = moved.length + added.length + gone.length > 0;
    if (present && isSame && !changesPartitions) return;
    signal.throwIfAborted();
    const { Name } = shape.table;
    const name = `${database}.${Name}`;
    const change = randomUUID();
    const TableInput = { ...shape.table, Parameters: { ...shape.table.Parameters, [CHANGE]: change } };
    const options = { abortSignal: signal };
    await unlessMoved(name, `Pointing ${name} of the Glue catalog at its files`, async () => {
      if (isAnew) await this.#client.send(new DeleteTableCommand({ DatabaseName: database, Name }), options);
      if (!present || isAnew) {
        await this.#client.send(new CreateTableCommand({ DatabaseName: database, TableInput }), options);
      } else {
        // Taken only where the table is still as it was read. Versions of old are of no use: files of theirs go.
        const VersionId = present.VersionId;
        await this.#client.send(
          new UpdateTableCommand({ DatabaseName: database, TableInput, VersionId, SkipArchive: true }),
          options,
        );
      }
      if (!changesPartitions) return;
      await this.#partitions(database, shape, signal).change(changes);
      const after = await this.#table(database, Name, signal);
      if (after?.Parameters?.[CHANGE] !== change) throw new CatalogMoved(name);
    });
  }

  #partitions(database: string, { table }: Shape, signal: AbortSignal): Partitions {
    return new Partitions(this.#client, database, table.Name, signal);
  }
}

function isOurs(parameters: Readonly<Record<string, string>> | undefined): boolean {
  return parameters?.['managed_by'] === OWNER.managed_by;
}

/** The folders of attempts that folders of partitions lie in: few, where those are many. */
function rootsOf(folders: readonly string[], keys: number): Set<string> {
  return new Set(
    folders.map(
      (folder) =>
        `${folder
          .split('/')
          .slice(0, -1 - keys)
          .join('/')}/`,
    ),
  );
}

function sameColumns(one: readonly Column[] | undefined, other: readonly Column[] | undefined): boolean {
  const named = (columns: readonly Column[] | undefined) =>
    JSON.stringify((columns ?? []).map(({ Name, Type }) => [Name, Type]));
  return named(one) === named(other);
}

function sameFiles(one: StorageDescriptor | undefined, other: StorageDescriptor | undefined): boolean {
  return one?.Location === other?.Location && sameColumns(one?.Columns, other?.Columns);
}

async function orMissing<T>(doing: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && error.name === 'EntityNotFoundException') return undefined;
    throw awsError(error, doing);
  }
}

async function unlessMoved(name: string, doing: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const said = error instanceof Error ? error.name : '';
    if (/^(ConcurrentModification|AlreadyExists|EntityNotFound)Exception$/.test(said))
      throw new CatalogMoved(name);
    throw awsError(error, doing);
  }
}
