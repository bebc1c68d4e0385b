import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  type DescribeStatementCommandOutput,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { TerminalError } from '../../../core/errors.ts';
import type { QueryBatch } from '../port.ts';
import { requestError, statementError } from './errors.ts';
import { readsLongsExactly } from './exact.ts';
import type { Row } from './loads-table.ts';
import { columnsOf, jsonRow } from './values.ts';

/** A serverless workgroup, or a provisioned cluster. Without a secret, IAM names the database user. */
export type RedshiftPlace = { readonly database: string; readonly secretArn?: string } & (
  { readonly workgroup: string } | { readonly cluster: string; readonly dbUser?: string }
);

/** Statements that were run as one transaction, or one alone. */
export interface Outcome {
  readonly id: string;
  /** By the service's clock. */
  readonly createdAt: Date;
  readonly status: 'FINISHED' | 'FAILED' | 'ABORTED';
  readonly error: string;
  /** Of the statement that failed, counted from 0; −1 where none is named. */
  readonly failedAt: number;
  /** Of several statements, what the last has cost; `queryId` is what Redshift's own views know it by. */
  readonly last?: { readonly seconds: number; readonly queryId: number };
}

export interface ApiResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Row[];
  readonly truncated: boolean;
}

const STATEMENT_BYTES = 100 * 1024; // https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations
const BATCH_STATEMENTS = 40;
const WAIT_SECONDS = 10; // of 30; a lost connection is noticed sooner

/** The Redshift Data API: runs SQL and waits for its end. https://docs.aws.amazon.com/redshift-data/latest/APIReference/ */
export class RedshiftApi {
  readonly #client: RedshiftDataClient;
  readonly #place: RedshiftPlace;

  constructor(client: RedshiftDataClient, place: RedshiftPlace) {
    this.#client = client;
    this.#place = place;
    readsLongsExactly(client);
  }

  /** For messages: `workgroup sluice`. */
  get label(): string {
    return 'workgroup' in this.#place
      ? `workgroup ${this.#place.workgroup}`
      : `cluster ${this.#place.cluster}`;
  }

  /**
   * Runs statements as one transaction. With a token, statements that were sent before under it are not run again: their outcome is given.
   * @throws the signal's reason, after the statements were cancelled, unless they had already ended well
   */
  async run(
    sqls: readonly string[],
    doing: string,
    options: { readonly token?: string; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Outcome> {
    for (const sql of sqls) mustBeShort(sql, doing);
    if (sqls.length > BATCH_STATEMENTS) {
      throw new TerminalError(
        `${doing} needs ${sqls.length} statements in one transaction; the Data API takes ${BATCH_STATEMENTS}. Change fewer columns at a time.`,
      );
    }
    options.signal?.throwIfAborted();
    const command = {
      ...this.#request(),
      ClientToken: options.token,
      WaitTimeSeconds: options.signal ? 1 : WAIT_SECONDS,
    };
    return this.#guard(doing, async () => {
      const { Id = '' } =
        sqls.length === 1
          ? await this.#client.send(new ExecuteStatementCommand({ ...command, Sql: sqls[0] }))
          : await this.#client.send(new BatchExecuteStatementCommand({ ...command, Sqls: [...sqls] }));
      return outcome(await this.#settled(Id, options.signal), options.signal);
    });
  }

  /** Runs one statement. @throws as `statementError` says */
  async execute(sql: string, doing: string, signal?: AbortSignal): Promise<Outcome> {
    return this.mustFinish(await this.run([sql], doing, { signal }), doing);
  }

  mustFinish(ended: Outcome, doing: string, owned = false): Outcome {
    if (ended.status === 'FINISHED') return ended;
    throw statementError(
      ended.error || `statement ${ended.id} was ${ended.status.toLowerCase()}`,
      doing,
      owned,
    );
  }

  /** Rows of a statement's result, or of the `part`-th of a batch, counted from 0. */
  async result(id: string, doing: string, { part }: { part?: number } = {}): Promise<ApiResult> {
    const rows: Row[] = [];
    const take = (page: QueryBatch) => rows.push(...page.rows) > 0;
    const Id = part === undefined ? id : `${id}:${part + 1}`;
    return { ...(await this.pages(Id, doing, { limit: Infinity, take })), rows };
  }

  /** Rows of a result, page by page, at most `limit`; until `take` gives false. https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_GetStatementResult.html */
  async pages(
    Id: string,
    doing: string,
    { limit, take }: { limit: number; take: (page: QueryBatch) => boolean | Promise<boolean> },
  ): Promise<Omit<ApiResult, 'rows'>> {
    let columns: ApiResult['columns'] = [];
    let NextToken: string | undefined;
    let left = limit;
    do {
      const page = await this.#guard(doing, () =>
        this.#client.send(new GetStatementResultCommand({ Id, NextToken })),
      );
      if (!columns.length) columns = columnsOf(page.ColumnMetadata ?? []);
      const records = page.Records ?? [];
      const rows = records.slice(0, left).map((record) => jsonRow(columns, record));
      const values = columns.map(({ name }) => rows.map((row) => row[name]));
      if (rows.length && !(await take({ columns, rows, values }))) return { columns, truncated: true };
      if (records.length > left) return { columns, truncated: true };
      left -= records.length;
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return { columns, truncated: false };
  }

  /** Runs one statement and gives all its rows. */
  async rows(sql: string, doing: string): Promise<readonly Row[]> {
    return (await this.result((await this.execute(sql, doing)).id, doing)).rows;
  }

  #request() {
    const { database: Database, secretArn: SecretArn } = this.#place;
    if ('workgroup' in this.#place) return { Database, SecretArn, WorkgroupName: this.#place.workgroup };
    return { Database, SecretArn, ClusterIdentifier: this.#place.cluster, DbUser: this.#place.dbUser };
  }

  async #settled(id: string, signal: AbortSignal | undefined): Promise<DescribeStatementCommandOutput> {
    let cancelled = false;
    for (;;) {
      if (signal?.aborted && !cancelled) {
        await this.#cancel(id);
        cancelled = true;
      }
      const waiting = new AbortController();
      const wake = () => waiting.abort();
      if (!cancelled) signal?.addEventListener('abort', wake, { once: true });
      try {
        const description = await this.#client.send(
          new DescribeStatementCommand({ Id: id, WaitTimeSeconds: WAIT_SECONDS }),
          { abortSignal: waiting.signal },
        );
        if (isOver(description.Status)) return description;
      } catch (error) {
        if (!waiting.signal.aborted) throw error;
      } finally {
        signal?.removeEventListener('abort', wake);
      }
    }
  }

  /** It may have ended meanwhile; what it ended with is then described. */
  async #cancel(id: string): Promise<void> {
    try {
      await this.#client.send(new CancelStatementCommand({ Id: id }));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ValidationException') throw error;
    }
  }

  async #guard<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Aborted) throw error.reason;
      throw requestError(error, doing, this.label);
    }
  }
}

class Aborted extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('aborted');
    this.reason = reason;
  }
}

function isOver(status: string | undefined): boolean {
  return status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';
}

function outcome(description: DescribeStatementCommandOutput, signal: AbortSignal | undefined): Outcome {
  const { Id = '', CreatedAt, Status, Error: error = '', SubStatements = [] } = description;
  if (signal?.aborted && Status !== 'FINISHED') throw new Aborted(signal.reason);
  const last = SubStatements.at(-1);
  const failedAt = SubStatements.findIndex(({ Status: status }) => status === 'FAILED');
  return {
    id: Id,
    createdAt: CreatedAt ?? new Date(0),
    status: Status === 'FINISHED' ? 'FINISHED' : Status === 'ABORTED' ? 'ABORTED' : 'FAILED',
    error: SubStatements[failedAt]?.Error ?? error,
    failedAt,
    ...(last && {
      last: { seconds: (last.Duration ?? 0) / 1e9, queryId: last.RedshiftQueryId ?? 0 },
    }),
  };
}

function mustBeShort(sql: string, doing: string): void {
  const bytes = Buffer.byteLength(sql);
  if (bytes <= STATEMENT_BYTES) return;
  throw new TerminalError(
    `${doing} needs a statement of ${bytes} bytes; the Data API takes ${STATEMENT_BYTES}. Make it shorter: in a load, ` +
      `leave columns out under 'exclude', or give them shorter names. It begins: ${sql.slice(0, 120)}`,
  );
}
