import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import type { Field, Row } from './copy.ts';
import { DataMalformed, DataMissing } from './errors.ts';
import { fieldReader } from './field.ts';
import type { DeclaredColumn } from './declared.ts';

/**
 * The rows of a CSV file with a heading (UTF-8, BOM or not, any line ends, line breaks within quotes), in the order of
 * the columns; a blank, or one of `nulls`, is NULL. @throws {DataMalformed} naming file, line and column of the first thing that does not fit
 * @throws {DataMissing} when the file cannot be read
 */
export async function* csvRows(
  path: string,
  columns: readonly DeclaredColumn[],
  nulls: readonly string[] = [],
): AsyncGenerator<Row> {
  const parser = parse({ bom: true, info: true, max_record_size: MAX_RECORD });
  const file = createReadStream(path);
  file.on('error', (error) => parser.destroy(error));
  file.pipe(parser);
  let line = 1;
  let read: ((record: readonly string[], line: number) => Row) | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      if (read === undefined) read = rowReader(path, columns, record, nulls);
      else yield read(record, line);
      line = info.lines + 1;
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw new DataMalformed(path, lineOf(error) ?? line, undefined, `${error.message}.`);
    if (error instanceof Error && 'syscall' in error) {
      throw new DataMissing(
        path,
        `cannot be read (${error.message}). Make the file readable, then seed again.`,
      );
    }
    throw error;
  } finally {
    file.destroy();
  }
  if (read === undefined) throw new DataMalformed(path, 1, undefined, 'is empty; the heading is missing.');
}

interface Parsed {
  readonly record: readonly string[];
  /** `lines` counts the lines up to the end of the record. */
  readonly info: { readonly lines: number };
}

/** Characters; far above any real row, so that an unclosed quote does not swallow a whole file. */
const MAX_RECORD = 1_000_000;

function rowReader(
  path: string,
  columns: readonly DeclaredColumn[],
  heading: readonly string[],
  nulls: readonly string[],
) {
  const missing = columns.filter(({ name }) => !heading.includes(name)).map(({ name }) => name);
  const unknown = heading.filter((name) => !columns.some((column) => column.name === name));
  if (missing.length > 0 || unknown.length > 0 || heading.length !== columns.length) {
    const problems = [
      ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
      ...(unknown.length > 0 ? [`has unknown ${unknown.join(', ')}`] : []),
    ];
    throw new DataMalformed(
      path,
      1,
      undefined,
      `the heading ${problems.join(' and ') || 'repeats a column'}.`,
    );
  }
  const readers = columns.map((column) => ({
    name: column.name,
    at: heading.indexOf(column.name),
    read: fieldReader(column),
  }));
  return (record: readonly string[], line: number): Row =>
    readers.map(({ name, at, read }): Field => {
      const text = record[at] ?? '';
      const reading = read(nulls.includes(text) ? '' : text);
      if ('problem' in reading) throw new DataMalformed(path, line, name, reading.problem);
      return reading.text;
    });
}

function lineOf(error: CsvError): number | undefined {
  return typeof error['lines'] === 'number' ? error['lines'] : undefined;
}
