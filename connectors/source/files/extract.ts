import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { thenCleanUp } from '../../../core/clean-up.ts';
import type { ClaimedFile } from '../../../core/arrived-file.ts';
import { TerminalError, TransientError } from '../../../core/errors.ts';
import { columnsOf, FILE_COLUMNS, type ResolvedFilesExtract } from '../../../core/file-tables.ts';
import type { Coercion } from '../../../core/manifest.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { TableSchema } from '../../../core/schema.ts';
import { duckDbType } from '../../duckdb/types.ts';
import { parquetOptions, type ParquetVersion } from '../../duckdb/parquet-options.ts';
import { matcher } from '../../../core/file-pattern.ts';
import type { Extracted, ExtractRequest } from '../port.ts';
import { identifier, literal } from './convert.ts';
import { badRow, unreadableFile } from './errors.ts';
import { readingOf, type FileReading, type FileToRead } from './formats.ts';
import type { Place } from './place.ts';
import { countRecords, packingOf } from './records.ts';

const PROGRESS_MS = 1_000;
/** Files up to this many bytes are put together into one, up to the second. */
const SMALL_BYTES = 8 * 2 ** 20;
const TOGETHER_BYTES = 64 * 2 ** 20;
/** Packed bytes count for as many: what is packed ten times over is common. */
const UNPACKED = 16;
const TOGETHER_ROWS = 500_000;
const SHOWN = 5; // lines of rows left out, and files passed over, that a note names
const LOSS = 'sluice-bad';

export interface FilesExtraction {
  readonly connection: DuckDBConnection;
  readonly place: Place;
  readonly table: ResolvedTable;
  readonly extract: ResolvedFilesExtract;
  readonly files: readonly ClaimedFile[];
  readonly request: ExtractRequest;
  /** An empty folder for copies. */
  readonly scratch: string;
  readonly zone: string | undefined;
  readonly parquetVersion: ParquetVersion;
  readonly signal: AbortSignal;
}

/** The columns of a table's rows. */
export function schemaOf(extract: ResolvedFilesExtract): TableSchema {
  const own = columnsOf(extract).map(({ name, type }) => ({ name, type, nullable: true }));
  return { columns: [...own, ...FILE_COLUMNS] };
}

/** Reads the files one after the other. A file is read as the version that was claimed, or not at all. */
export async function extractFiles(extraction: FilesExtraction): Promise<Extracted> {
  const { request, extract, files } = extraction;
  const reading = new Batch(extraction);
  const timer = setInterval(() => request.onProgress?.({ bytes: bytesIn(request.directory) }), PROGRESS_MS);
  try {
    const fits = matcher(extract.pattern ?? '');
    await reading.begin();
    for (const file of files) {
      if (extract.pattern === undefined || fits.test(file.key)) await reading.read(file);
    }
    return await reading.end();
  } finally {
    clearInterval(timer);
  }
}

class Batch {
  readonly #given: FilesExtraction;
  readonly #files: { path: string; rows: number }[] = [];
  readonly #replaces: string[] = [];
  readonly #emptied: string[] = [];
  readonly #passedOver: { readonly file: ClaimedFile; readonly why: 'replaced' | 'gone' }[] = [];
  readonly #leftOut: string[] = [];
  readonly #coercions = new Map<string, number>();
  #together = { bytes: 0, rows: 0 };

  constructor(given: FilesExtraction) {
    this.#given = given;
  }

  async begin(): Promise<void> {
    const columns = schemaOf(this.#given.extract).columns.map(
      ({ name, type }) => `${identifier(name)} ${duckDbType(type)}`,
    );
    await this.#run(`CREATE TEMP TABLE together (${columns.join(', ')})`);
  }

  async read(file: ClaimedFile): Promise<void> {
    const { place, scratch, signal } = this.#given;
    signal.throwIfAborted();
    const name = place.nameOf(file.place, file.key);
    const opened = file.newest ? await place.open(file, scratch, signal) : 'replaced';
    if (opened === 'replaced' || opened === 'gone') {
      this.#passedOver.push({ file, why: opened });
      return;
    }
    await thenCleanUp(
      async () => {
        const toRead = { path: opened.path, key: pathOf(file), name };
        const rows = await this.#rowsOf(toRead, file.bytes).catch(async (error: unknown) => {
          signal.throwIfAborted();
          throw (await opened.isSame()) ? unreadableFile(error, name) : replaced(name, error);
        });
        if (!(await opened.isSame())) throw replaced(name);
        this.#replaces.push(pathOf(file));
        if (!rows) this.#emptied.push(pathOf(file));
      },
      () => opened.close(),
    );
  }

  async end(): Promise<Extracted> {
    await this.#flush();
    const { extract, request } = this.#given;
    const passed = (because: 'replaced' | 'gone', words: string) => {
      const paths = this.#passedOver.filter(({ why }) => why === because).map(({ file }) => pathOf(file));
      return paths.length ? [`passes over what ${words}: ${shown(paths)}`] : [];
    };
    const notes = [
      ...passed('replaced', 'has been replaced since it was claimed, and comes with a run of its own'),
      ...passed(
        'gone',
        'is gone since it was claimed; rows that it has brought before stay, and put there again it comes with a run of its own',
      ),
      ...(this.#leftOut.length ? [`leaves out rows that do not fit: ${shown(this.#leftOut)}`] : []),
    ];
    return {
      schema: schemaOf(extract),
      files: this.#files,
      rows: this.#files.reduce((sum, { rows }) => sum + rows, 0),
      highWaterMark: null,
      replaces: this.#replaces,
      ...(this.#emptied.length && { emptied: this.#emptied }),
      passedOver: this.#passedOver.flatMap(({ file }) => (file.newest ? [file] : [])),
      reach: { upTo: request.interval.end },
      ...(notes.length && { notes }),
      coercions: [...this.#coercions].map(([column, rows]): Coercion => ({
        column,
        rule: 'quarantined',
        rows,
      })),
      extractedAt: new Date().toISOString().replace('Z', '000Z'),
    };
  }

  /** @returns how many of its rows are loaded */
  async #rowsOf(file: FileToRead, bytes: number): Promise<number> {
    const { extract, zone } = this.#given;
    if (bytes === 0 && extract.format !== 'csv') {
      if (extract.format === 'jsonl') return 0;
      throw new TerminalError(
        `${file.name} is empty, which no Parquet file is. Put it there whole, then rerun.`,
      );
    }
    if (bytes === 0 && !extract.header) return 0;
    if (bytes === 0)
      throw new TerminalError(
        `${file.name} is empty: it has not even the line that names the columns. Put it there whole, or take it away, then rerun.`,
      );
    const reading = await readingOf(extract, file, zone, (sql) => this.#ask(sql));
    const bad = extract.badRows === 'quarantine' ? await this.#quarantine(file, reading) : 0;
    const rows = await this.#write(file, reading, bytes);
    await this.#mustBeAll(file, reading, rows + bad);
    return rows;
  }

  /** Writes the rows that fit. @throws {TerminalError} naming the first that does not, where it is not to be left out */
  async #write(file: FileToRead, reading: FileReading, bytes: number): Promise<number> {
    const { extract, request, parquetVersion } = this.#given;
    const fails = extract.badRows === 'fail';
    const guard = (isBad: string, at: number) =>
      `WHEN ${isBad} THEN error('${LOSS}:' || _row || ':${at}')::BOOLEAN`;
    const guards = reading.columns.flatMap(({ isBad }, at) => (isBad === 'false' ? [] : [guard(isBad, at)]));
    const anyBad = reading.columns.map(({ isBad }) => isBad).join(' OR ');
    const condition = fails ? `CASE ${guards.join(' ')} ELSE true END` : `NOT (${anyBad})`;
    const values = reading.columns
      .filter(({ name }) => name !== '')
      .map(({ name, value }) => `${value} AS ${identifier(name)}`);
    const select =
      `SELECT ${values.join(', ')}, ${literal(file.key)} AS _file, _row FROM ${reading.relation}` +
      (guards.length ? ` WHERE ${condition}` : '');
    try {
      const size = isPacked(extract, file) ? bytes * UNPACKED : bytes;
      if (size <= SMALL_BYTES) {
        const rows = await this.#run(`INSERT INTO together ${select}`);
        this.#together = { bytes: this.#together.bytes + size, rows: this.#together.rows + rows };
        if (this.#together.bytes >= TOGETHER_BYTES || this.#together.rows >= TOGETHER_ROWS)
          await this.#flush();
        return rows;
      }
      await this.#flush();
      const path = `part-${this.#files.length}.parquet`;
      const rows = await this.#run(
        `COPY (${select}) TO ${literal(join(request.directory, path))} (${parquetOptions(parquetVersion)})`,
      );
      this.#files.push({ path, rows });
      return rows;
    } catch (error) {
      const found = new RegExp(`${LOSS}:(\\d+):(\\d+)`).exec(String(error));
      if (!found) throw error;
      throw await this.#badRow(file, reading, Number(found[1]), Number(found[2]));
    }
  }

  async #flush(): Promise<void> {
    const { rows } = this.#together;
    if (!rows) return;
    const { request, parquetVersion } = this.#given;
    const path = `part-${this.#files.length}.parquet`;
    await this.#run(
      `COPY (FROM together) TO ${literal(join(request.directory, path))} (${parquetOptions(parquetVersion)})`,
    );
    await this.#run('TRUNCATE together');
    this.#files.push({ path, rows });
    this.#together = { bytes: 0, rows: 0 };
  }

  /** Counts the rows that do not fit, by the first column that says so. @returns how many there are */
  async #quarantine(file: FileToRead, reading: FileReading): Promise<number> {
    await this.#forgetRejects();
    const cases = reading.columns.map(({ isBad }, at) => `WHEN ${isBad} THEN ${at}`).join(' ');
    const found = await this.#ask(
      `SELECT bad, count(*), min(_row) FROM (SELECT _row, CASE ${cases} END AS bad FROM ${reading.relation}) WHERE bad IS NOT NULL GROUP BY bad ORDER BY bad`,
    );
    let rows = 0;
    for (const [bad, count, first] of found) {
      const { name = '' } = reading.columns[Number(bad)] ?? {};
      rows += this.#left(file, name, Number(count), `row ${String(first)}`);
    }
    if (this.#given.extract.format !== 'csv') return rows;
    const [broken] = await this.#ask('SELECT count(DISTINCT line), min(line) FROM reject_errors');
    await this.#forgetRejects();
    const lines = Number(broken?.[0]);
    return lines ? rows + this.#left(file, '', lines, `line ${String(broken?.[1])}`) : rows;
  }

  /** DuckDB's own tables of the lines that it could not read as a row. */
  async #forgetRejects(): Promise<void> {
    await this.#run('DROP TABLE IF EXISTS reject_errors');
    await this.#run('DROP TABLE IF EXISTS reject_scans');
  }

  #left(file: FileToRead, column: string, rows: number, where: string): number {
    const of = column || '(the row)';
    this.#coercions.set(of, (this.#coercions.get(of) ?? 0) + rows);
    this.#leftOut.push(`${file.key}: ${rows} by ${of}, the first in ${where}`);
    return rows;
  }

  async #badRow(file: FileToRead, reading: FileReading, row: number, at: number): Promise<TerminalError> {
    const column = reading.columns[at]?.name ?? '';
    const type = columnsOf(this.#given.extract).find(({ name }) => name === column)?.type;
    const lineOf = row + reading.headers;
    const found =
      reading.records &&
      (await countRecords({ ...reading.records, lineOf, signal: this.#given.signal }, file.name));
    return badRow(file.name, { row, line: found?.line, column, type });
  }

  /** Every record of the file is a row, or was counted as one that does not fit. */
  async #mustBeAll(file: FileToRead, reading: FileReading, rows: number): Promise<void> {
    if (!reading.records) return;
    const { records, openQuoteAt, strayAt } = await countRecords(
      { ...reading.records, signal: this.#given.signal },
      file.name,
    );
    if (openQuoteAt !== undefined)
      throw new TerminalError(
        `${file.name}, line ${openQuoteAt}: a quote is opened and never closed: the file is cut off, or the quote is missing. ` +
          `Nothing of the run's files was loaded; put it there whole, then rerun.`,
      );
    if (strayAt !== undefined)
      throw new TerminalError(
        `${file.name}, line ${strayAt}: something stands between a quote that closes a field and the delimiter, such as a blank, which would be lost. ` +
          `Nothing of the run's files was loaded. Correct the file, or what the table says of its format, then rerun.`,
      );
    const expected = records - reading.headers;
    if (rows !== Math.max(0, expected))
      throw new TerminalError(
        `${file.name} has ${expected} rows by its lines, and ${rows} could be read. Nothing of the run's files was loaded: ` +
          `its quotes or line ends are not those of CSV. Correct the file, or what the table says of its format, then rerun.`,
      );
  }

  async #run(sql: string): Promise<number> {
    return (await this.#given.connection.run(sql)).rowsChanged;
  }

  async #ask(sql: string): Promise<readonly (readonly unknown[])[]> {
    return (await this.#given.connection.runAndReadAll(sql)).getRowsJson();
  }
}

/** What tells a file from all others below the root. */
function pathOf({ place, key }: ClaimedFile): string {
  return `${place}/${key}`;
}

function isPacked({ format }: ResolvedFilesExtract, { key }: FileToRead): boolean {
  return format === 'parquet' || packingOf(key) !== 'none';
}

function replaced(name: string, cause?: unknown): TransientError {
  return new TransientError(
    `${name} was replaced while it was read. It is tried again; what is there by then is read by a run of its own.`,
    { cause },
  );
}

function shown(all: readonly string[]): string {
  const more = all.length - SHOWN;
  return `${all.slice(0, SHOWN).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce(
    (sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
