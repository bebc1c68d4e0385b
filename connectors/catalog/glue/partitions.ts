import {
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchUpdatePartitionCommand,
  paginateGetPartitions,
  type GlueClient,
  type Partition,
  type PartitionError,
  type PartitionInput,
} from '@aws-sdk/client-glue';
import { chunked } from '../../../core/chunked.ts';
import { awsError } from '../../aws/errors.ts';
import { CatalogMoved } from './errors.ts';
import { keyOf } from './shape.ts';

/** Of the batches. https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html and its neighbours */
const CREATE_MAX = 100;
const UPDATE_MAX = 100;
const DELETE_MAX = 25;

/** What partitions are to become; each by its values. */
export interface PartitionChanges {
  readonly moved: readonly PartitionInput[];
  readonly added: readonly PartitionInput[];
  readonly gone: readonly (readonly string[])[];
}

/** The partitions of a table in the catalog. */
export class Partitions {
  readonly #client: GlueClient;
  readonly #of: { readonly DatabaseName: string; readonly TableName: string };
  readonly #signal: AbortSignal;

  constructor(client: GlueClient, database: string, table: string, signal: AbortSignal) {
    this.#client = client;
    this.#of = { DatabaseName: database, TableName: table };
    this.#signal = signal;
  }

  /** All of them, however many there are, by `keyOf`. */
  async present(): Promise<Map<string, Partition>> {
    const found = new Map<string, Partition>();
    try {
      const pages = paginateGetPartitions({ client: this.#client }, this.#of, { abortSignal: this.#signal });
      for await (const { Partitions = [] } of pages)
        for (const partition of Partitions) found.set(keyOf(partition.Values ?? []), partition);
    } catch (error) {
      throw awsError(error, `Reading the partitions of ${this.#name} in the Glue catalog`);
    }
    return found;
  }

  /** @throws {CatalogMoved} one is there, or is not, against what was read */
  async change({ moved, added, gone }: PartitionChanges): Promise<void> {
    const options = { abortSignal: this.#signal };
    for (const some of chunked(moved, UPDATE_MAX)) {
      const Entries = some.map((each) => ({ PartitionValueList: each.Values, PartitionInput: each }));
      const { Errors } = await this.#client.send(
        new BatchUpdatePartitionCommand({ ...this.#of, Entries }),
        options,
      );
      this.#mustBeDone(
        Errors?.map(({ PartitionValueList: PartitionValues, ...rest }) => ({ PartitionValues, ...rest })),
      );
    }
    for (const PartitionInputList of chunked(added, CREATE_MAX)) {
      const { Errors } = await this.#client.send(
        new BatchCreatePartitionCommand({ ...this.#of, PartitionInputList }),
        options,
      );
      this.#mustBeDone(Errors);
    }
    for (const some of chunked(gone, DELETE_MAX)) {
      const PartitionsToDelete = some.map((Values) => ({ Values: [...Values] }));
      const { Errors } = await this.#client.send(
        new BatchDeletePartitionCommand({ ...this.#of, PartitionsToDelete }),
        options,
      );
      this.#mustBeDone(Errors);
    }
  }

  get #name(): string {
    return `${this.#of.DatabaseName}.${this.#of.TableName}`;
  }

  /** A batch that was answered may have done some of it. */
  #mustBeDone(errors: readonly PartitionError[] | undefined): void {
    const [first] = errors ?? [];
    if (!first) return;
    const { ErrorCode = '', ErrorMessage = '' } = first.ErrorDetail ?? {};
    if (/AlreadyExists|EntityNotFound|ConcurrentModification/.test(ErrorCode))
      throw new CatalogMoved(this.#name);
    const which = `partition (${(first.PartitionValues ?? []).join(', ')})`;
    const many = (errors?.length ?? 1) > 1 ? ` and ${(errors?.length ?? 1) - 1} more` : '';
    throw awsError(
      Object.assign(new Error(ErrorMessage), { name: ErrorCode }),
      `Changing ${which}${many} of ${this.#name} in the Glue catalog`,
    );
  }
}
