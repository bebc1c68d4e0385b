import {
  messageOf,
  PipelineError,
  TerminalError,
  TransientError,
  Unreachable,
} from '../../../core/errors.ts';
import { modeOf } from '../../../core/extract-modes.ts';
import { withoutValues } from '../../../core/values.ts';
import type { JobRunner, SparkJob } from '../../jobs/port.ts';
import { authoritiesOf, type PostgresTls } from '../../postgres/tls.ts';
import {
  dataFolder,
  parseResult,
  requestDocument,
  resultName,
  type JdbcSource,
  type JdbcTls,
  type TableResult,
} from './documents.ts';
import type { Landing, LandingLake } from '../landing.ts';
import type { ExtractAllRequest, ExtractedTable, Extractor } from '../port.ts';

export interface GlueExtractorOptions {
  readonly jobs: JobRunner<SparkJob>;
  /** The name under which `spark/extract_jdbc.py` is deployed. */
  readonly job: string;
  readonly lake: LandingLake;
  readonly source: Omit<JdbcSource, 'tls'>;
  /** How the job's connections are encrypted; absent: as the server likes. */
  readonly ssl?: PostgresTls;
  /** Of a secret like `{"username": "…", "password": "…"}`; read by the job, never by the worker. */
  readonly secretArn: string;
  /** The zone of times without zone and of dates, where a table names none (default UTC). */
  readonly timezone?: string;
  /** Tables that the job reads at the same time (default 4). */
  readonly concurrency?: number;
}

type Wanted = ExtractAllRequest['tables'][number];

/** One Glue job run reads all tables of a run over JDBC into a landing folder; the lake then adopts the files. */
export class GlueExtractor implements Extractor {
  readonly #options: GlueExtractorOptions;

  constructor(options: GlueExtractorOptions) {
    this.#options = options;
  }

  async extractAll(
    request: ExtractAllRequest,
    signal: AbortSignal,
    onProgress?: (details: unknown) => void,
  ): Promise<readonly ExtractedTable[]> {
    signal.throwIfAborted();
    if (!request.tables.length) return [];
    const landing = this.#options.lake.landing(request.token);
    await this.#read(request, landing, signal, onProgress);
    const extracted: ExtractedTable[] = [];
    for (const wanted of request.tables) {
      signal.throwIfAborted();
      onProgress?.({ adopting: wanted.table.name });
      extracted.push(await this.#adopted(request, wanted, landing));
    }
    return extracted;
  }

  release(token: string): Promise<void> {
    return this.#options.lake.landing(token).clear();
  }

  /** Has the job read the tables that an earlier attempt has not left whole. */
  async #read(
    request: ExtractAllRequest,
    landing: Landing,
    signal: AbortSignal,
    onProgress?: (details: unknown) => void,
  ): Promise<void> {
    const { jobs, job, secretArn, source, ssl, concurrency = 4 } = this.#options;
    const tls = ssl && tlsOf(ssl);
    const missing: Wanted[] = [];
    for (const wanted of request.tables) {
      const result = await resultOf(landing, wanted.table.name);
      if (result?.outcome !== 'extracted') missing.push(wanted);
    }
    if (!missing.length) return;
    const document = requestDocument(
      { ...request, tables: missing },
      { ...source, ...(tls && { tls }) },
      concurrency,
      landing.uri,
      this.#options.timezone,
    );
    await landing.put(document.name, document.text);
    const outcome = await jobs.run(
      {
        job,
        token: request.token,
        arguments: {
          '--request-uri': landing.uri + document.name,
          '--connection-secret-arn': secretArn,
        },
      },
      signal,
      onProgress,
    );
    // A job that says which tables failed has spoken for itself; one that left nothing for a table has not.
    for (const { table } of missing) {
      if (await resultOf(landing, table.name)) continue;
      const message =
        (outcome.message === null ? undefined : withoutValues(outcome.message)) ??
        `Glue job '${job}', run ${outcome.jobRunId}, succeeded, but left no result for it.`;
      throw new TransientError(`Table '${table.name}': ${message}`);
    }
  }

  async #adopted(
    request: ExtractAllRequest,
    { table, loadId }: Wanted,
    landing: Landing,
  ): Promise<ExtractedTable> {
    try {
      const result = await resultOf(landing, table.name);
      if (!result)
        throw new TransientError(`Table '${table.name}' has no result any more. Extract it again.`);
      if (result.outcome === 'failed') throw failureOf(result);
      const { schema, rows, highWaterMark, cursor, since, before, reach, notes, coercions, extractedAt } =
        result;
      const { pipeline, interval } = request;
      const timezone = table.timezone ?? this.#options.timezone;
      const named = { pipeline, domain: table.domain, table: table.name, loadId };
      const committed = await landing.adopt(
        { ...named, logicalDate: interval.start },
        {
          ...named,
          version: 1,
          interval,
          mode: table.extract.mode,
          schema,
          rows,
          highWaterMark,
          ...(modeOf(table.extract).covers === 'new' ? { since } : {}),
          ...(timezone !== undefined && { timezone }),
          ...(cursor && { cursor }),
          ...(before && { before }),
          ...(reach && { reach }),
          ...(notes && { notes }),
          coercions,
          extractedAt,
        },
        dataFolder(table.name),
      );
      return { table: table.name, ...committed };
    } catch (error) {
      return {
        table: table.name,
        error: error instanceof PipelineError ? error : unexpected(table.name, error),
      };
    }
  }
}

function tlsOf(ssl: PostgresTls): JdbcTls {
  const authorities = authoritiesOf(ssl);
  return { mode: ssl.mode, ...(authorities && { authorities }) };
}

async function resultOf(landing: Landing, table: string): Promise<TableResult | undefined> {
  const text = await landing.text(resultName(table));
  return text === undefined ? undefined : parseResult(text, landing.uri + resultName(table));
}

const KINDS = { terminal: TerminalError, transient: TransientError, unreachable: Unreachable } as const;

function failureOf({ kind, message, said }: Extract<TableResult, { outcome: 'failed' }>): PipelineError {
  return new KINDS[kind](said ? `${message}: ${withoutValues(said.words)}. ${said.advice}` : message);
}

function unexpected(table: string, cause: unknown): Error {
  return new TransientError(
    `Table '${table}' could not be taken into the lake: ${withoutValues(messageOf(cause))}. Try again.`,
    { cause },
  );
}
