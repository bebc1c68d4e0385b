import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RedshiftDatabase } from '../redshift-database/database.ts';
import { invalid, ServiceError } from './error.ts';
import type { Faults } from './faults.ts';
import { mustBePlace, type Places } from './places.ts';
import { runStatement, type Delays } from './runner.ts';
import { Statement } from './statement.ts';
import { columnMetadata, fieldJson } from './values.ts';

export interface ServiceOptions {
  readonly database: RedshiftDatabase;
  readonly faults: Faults;
  readonly places: Places;
  readonly delays: Delays;
  /** Rows of a page of GetStatementResult. */
  readonly pageRows: number;
}

/** Limits of https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html and its quotas. */
const STATEMENT_BYTES = 100 * 1024;
const BATCH_STATEMENTS = 40;
const ACTIVE_STATEMENTS = 500;
const RESULT_HOURS = 24;
const WAIT_SECONDS = 30;

const text = z.string().min(1);
const place = {
  WorkgroupName: text.optional(),
  ClusterIdentifier: text.optional(),
  Database: text.optional(),
  DbUser: text.optional(),
  SecretArn: text.optional(),
  StatementName: text.optional(),
  WithEvent: z.boolean().optional(),
  ClientToken: z.string().min(1).max(64).optional(),
  Parameters: z.array(z.object({ name: text, value: z.string() })).optional(),
  ResultFormat: z.literal('JSON').optional(),
  WaitTimeSeconds: z.int().min(0).max(WAIT_SECONDS).optional(),
};
const execute = z.strictObject({ Sql: text, ...place });
const batchExecute = z.strictObject({
  Sqls: z.array(text).min(1).max(BATCH_STATEMENTS),
  ExecutionMode: z.enum(['TRANSACTION', 'AUTO_COMMIT']).optional(),
  ...place,
});
const named = z.strictObject({ Id: text, WaitTimeSeconds: z.int().min(0).max(WAIT_SECONDS).optional() });
const resultRequest = z.strictObject({
  Id: text,
  NextToken: text.optional(),
  WaitTimeSeconds: z.int().min(0).max(WAIT_SECONDS).optional(),
});
const listRequest = z.strictObject({
  Status: z.enum(['ALL', 'SUBMITTED', 'PICKED', 'STARTED', 'FINISHED', 'ABORTED', 'FAILED']).optional(),
  StatementName: text.optional(),
  RoleLevel: z.boolean().optional(),
  MaxResults: z.int().min(1).max(100).optional(),
  NextToken: text.optional(),
  Database: text.optional(),
  WorkgroupName: text.optional(),
  ClusterIdentifier: text.optional(),
});

/** The operations of the Redshift Data API. Each takes the request's JSON and gives the answer's JSON text. */
export class DataService {
  readonly #options: ServiceOptions;
  readonly #statements = new Map<string, Statement>();
  readonly #tokens = new Map<string, { readonly id: string; readonly request: string }>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  /** @throws {ServiceError} */
  async answer(operation: string, request: unknown): Promise<string> {
    switch (operation) {
      case 'ExecuteStatement': {
        const { Sql, ...rest } = parse(execute, request);
        return this.#execute([Sql], rest, false, false);
      }
      case 'BatchExecuteStatement': {
        const { Sqls, ExecutionMode, ...rest } = parse(batchExecute, request);
        return this.#execute(Sqls, rest, true, ExecutionMode === 'AUTO_COMMIT');
      }
      case 'DescribeStatement': {
        const { Id, WaitTimeSeconds = 0 } = parse(named, request);
        const statement = this.#statement(Id);
        await statement.settled(WaitTimeSeconds * 1000);
        return JSON.stringify(statement.describe());
      }
      case 'GetStatementResult':
        return this.#result(parse(resultRequest, request));
      case 'CancelStatement':
        return this.#cancel(parse(named, request).Id);
      case 'ListStatements':
        return this.#list(parse(listRequest, request));
      default:
        throw new ServiceError('UnknownOperationException', `${operation} is not answered by this stand-in`);
    }
  }

  /** Waits for what runs. */
  async close(): Promise<void> {
    for (const statement of this.#statements.values()) if (!statement.isOver) statement.cancelled = true;
    await Promise.all(this.#running);
  }

  async #execute(
    sqls: readonly string[],
    request: Omit<z.infer<typeof execute>, 'Sql'>,
    batch: boolean,
    autoCommit: boolean,
  ): Promise<string> {
    const { ClientToken, WaitTimeSeconds = 0, Parameters = [], StatementName, ...where } = request;
    mustBePlace(where, this.#options.places, this.#options.database.options.postgres.database);
    for (const sql of sqls) {
      const bytes = Buffer.byteLength(sql);
      if (bytes > STATEMENT_BYTES)
        throw invalid(
          `Cannot execute a query string with length ${bytes}. Maximum is ${STATEMENT_BYTES} bytes.`,
        );
    }
    const digest = createHash('sha256')
      .update(JSON.stringify([sqls, Parameters, where, batch, autoCommit]))
      .digest('hex');
    const before = ClientToken === undefined ? undefined : this.#tokens.get(ClientToken);
    if (before && before.request !== digest) {
      throw invalid(`ClientToken ${ClientToken ?? ''} was used before with other parameters.`);
    }
    const statement = before
      ? this.#statement(before.id)
      : this.#start(sqls, { batch, autoCommit, StatementName, Parameters, where });
    if (ClientToken !== undefined) this.#tokens.set(ClientToken, { id: statement.id, request: digest });
    await statement.settled(WaitTimeSeconds * 1000);
    return JSON.stringify({
      Id: statement.id,
      CreatedAt: statement.createdAt / 1000,
      ...statement.place,
      Status: WaitTimeSeconds ? statement.status : undefined,
    });
  }

  #start(
    sqls: readonly string[],
    request: {
      readonly batch: boolean;
      readonly autoCommit: boolean;
      readonly StatementName: string | undefined;
      readonly Parameters: readonly { name: string; value: string }[];
      readonly where: Partial<Record<string, string | boolean | undefined>>;
    },
  ): Statement {
    if (this.#running.size >= ACTIVE_STATEMENTS)
      throw new ServiceError(
        'ActiveStatementsExceededException',
        `There are more than ${ACTIVE_STATEMENTS} active statements.`,
      );
    const { WorkgroupName, ClusterIdentifier, Database, DbUser, SecretArn } = request.where as Record<
      string,
      string | undefined
    >;
    const statement = new Statement({
      sqls,
      batch: request.batch,
      autoCommit: request.autoCommit,
      name: request.StatementName,
      place: { WorkgroupName, ClusterIdentifier, Database, DbUser, SecretArn },
      parameters: new Map(request.Parameters.map(({ name, value }) => [name, value])),
    });
    this.#statements.set(statement.id, statement);
    const { database, faults, delays } = this.#options;
    const running = runStatement(statement, database, faults, delays).finally(() =>
      this.#running.delete(running),
    );
    this.#running.add(running);
    return statement;
  }

  #statement(id: string): Statement {
    const found = this.#statements.get(id.split(':')[0] ?? '');
    if (!found) throw new ServiceError('ResourceNotFoundException', `Query ${id} does not exist.`);
    return found;
  }

  async #cancel(id: string): Promise<string> {
    const statement = this.#statement(id);
    if (statement.isOver)
      throw invalid(`Could not cancel a query that is already in ${statement.status} state with ID: ${id}`);
    statement.cancelled = true;
    if (statement.pid) await this.#options.database.cancel(statement.pid);
    return JSON.stringify({ Status: true });
  }

  async #result({ Id, NextToken, WaitTimeSeconds = 0 }: z.infer<typeof resultRequest>): Promise<string> {
    const statement = this.#statement(Id);
    await statement.settled(WaitTimeSeconds * 1000);
    const part = statement.parts[statement.batch ? Number(Id.split(':')[1]) - 1 : 0];
    if (!part) throw invalid(`${Id} is a batch: name one of its statements, like ${Id}:1.`);
    const isOld = Date.now() - statement.createdAt > RESULT_HOURS * 3_600_000;
    if (isOld)
      throw new ServiceError(
        'ResourceNotFoundException',
        `The result of ${Id} is gone after ${RESULT_HOURS} hours.`,
      );
    const columns = part.result?.columns;
    if (statement.status !== 'FINISHED' || !part.result || !columns)
      throw new ServiceError(
        'ResourceNotFoundException',
        'Query does not have result. Please check query status with DescribeStatement.',
      );
    const start = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, 'base64url').toString());
    if (!Number.isInteger(start)) throw invalid(`NextToken is not one of ours.`);
    const end = start + this.#options.pageRows;
    const records = part.result.rows
      .slice(start, end)
      .map((row) => `[${row.map((value, at) => fieldJson(value, columns[at]?.type ?? 25)).join(',')}]`);
    const more = end < part.result.rows.length ? Buffer.from(String(end)).toString('base64url') : undefined;
    const rest = JSON.stringify({
      ColumnMetadata: columns.map(columnMetadata),
      TotalNumRows: part.result.rows.length,
      NextToken: more,
    });
    return `{"Records":[${records.join(',')}],${rest.slice(1)}`;
  }

  #list({
    Status = 'FINISHED',
    StatementName,
    MaxResults = 100,
    NextToken,
  }: z.infer<typeof listRequest>): string {
    const start = NextToken === undefined ? 0 : Number(NextToken);
    const fitting = [...this.#statements.values()]
      .filter(
        ({ status, name }) =>
          (Status === 'ALL' || status === Status) &&
          (StatementName === undefined || (name?.startsWith(StatementName) ?? false)),
      )
      .reverse();
    const page = fitting.slice(start, start + MaxResults);
    return JSON.stringify({
      Statements: page.map((statement) => ({
        Id: statement.id,
        Status: statement.status,
        StatementName: statement.name,
        CreatedAt: statement.createdAt / 1000,
        UpdatedAt: statement.updatedAt / 1000,
        IsBatchStatement: statement.batch,
        QueryString: statement.parts[0]?.sql,
        QueryStrings: statement.batch ? statement.parts.map(({ sql }) => sql) : undefined,
      })),
      NextToken: start + MaxResults < fitting.length ? String(start + MaxResults) : undefined,
    });
  }
}

function parse<T>(schema: z.ZodType<T>, request: unknown): T {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; '),
  );
}
