import { createHash } from 'node:crypto';
import { z } from 'zod';
import { TerminalError } from '../../../core/errors.ts';
import { lookbackOf } from '../../../core/extract-modes.ts';
import type { DataInterval } from '../../../core/interval.ts';
import { dayBeginningAt, localInterval } from '../../../core/local-time.ts';
import { manifest } from '../../../core/manifest.ts';
import type { PostgresTls } from '../../postgres/tls.ts';
import type { ExtractAllRequest } from '../port.ts';
import { whyUnfit } from './unfit.ts';

/** The source database, without user and password: these are in the secret. */
export interface JdbcSource {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Of tables that are named without one. */
  readonly schema: string;
  /** How the connection is encrypted; absent: as the server likes. */
  readonly tls?: JdbcTls;
}

/** As the profile has it, with the certificates themselves: the job does not see the worker's files. */
export interface JdbcTls {
  readonly mode: PostgresTls['mode'];
  /** PEM, a certificate each; absent: those that Java knows. */
  readonly authorities?: readonly string[];
}

const VERSION = 4; // spark/sluice_jdbc/request.py reads the same

/**
 * The request that `spark/extract_jdbc.py` reads, as text. Equal requests give equal texts.
 * @param landing the URI of the folder that takes files and results
 */
export function requestDocument(
  request: ExtractAllRequest,
  source: JdbcSource,
  concurrency: number,
  landing: string,
  timezone = 'UTC',
): { readonly name: string; readonly text: string } {
  const unfit = whyUnfit(request.tables.map(({ table }) => table));
  if (unfit !== undefined) throw new TerminalError(unfit);
  const text = JSON.stringify({
    version: VERSION,
    token: request.token,
    interval: request.interval,
    concurrency,
    source,
    tables: request.tables.map(({ table, mark, before }) => ({
      name: table.name,
      from: table.from,
      extract: table.extract,
      lookbackMs: lookbackOf(table.extract),
      primaryKey: table.primaryKey,
      exclude: table.exclude,
      types: table.types,
      write: table.write,
      mark: mark ?? null,
      before: before ? cut(before, table.timezone ?? timezone) : null,
      span: cut(request.interval, table.timezone ?? timezone),
      timezone: table.timezone ?? timezone,
      outputUri: landing + dataFolder(table.name),
      resultUri: landing + resultName(table.name),
    })),
  });
  return { name: `request-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`, text };
}

/** An interval as cursors of each type are cut by it: by moments, local times, and days where it begins and ends with some. */
function cut(interval: DataInterval, zone: string) {
  const days = [interval.start, interval.end].map((instant) => dayBeginningAt(instant, zone) ?? null);
  return { ...interval, local: localInterval(interval, zone), days: { start: days[0], end: days[1] } };
}

export function dataFolder(table: string): string {
  return `data/${table}`;
}

export function resultName(table: string): string {
  return `results/${table}.json`;
}

const { schema, rows, highWaterMark, cursor, before, reach, notes, coercions, extractedAt } = manifest.shape;
const common = { version: z.literal(VERSION), table: z.string() };

const result = z.discriminatedUnion('outcome', [
  z.strictObject({
    ...common,
    outcome: z.literal('extracted'),
    schema,
    rows,
    highWaterMark,
    /** The mark that the table was read from, which need not be the one that an attempt which joins the work would have given. */
    since: highWaterMark,
    cursor,
    before,
    reach,
    notes,
    coercions,
    extractedAt,
  }),
  z.strictObject({
    ...common,
    outcome: z.literal('failed'),
    /** As core/errors.ts has them. */
    kind: z.enum(['terminal', 'transient', 'unreachable']),
    /** The job's own words. */
    message: z.string(),
    /** Those of the database or of AWS, and what to do next. */
    said: z.strictObject({ words: z.string(), advice: z.string() }).optional(),
  }),
]);
export type TableResult = z.infer<typeof result>;

/** Reads the result that the job left for a table. @throws {TerminalError} when it is none */
export function parseResult(text: string, uri: string): TableResult {
  try {
    return result.parse(JSON.parse(text));
  } catch (error) {
    throw new TerminalError(
      `${uri} is no result of this release's job. Deploy the job and the worker of the same release.`,
      { cause: error },
    );
  }
}
