import type { QueryBatch } from '../connectors/warehouse/port.ts';

/** Few writes for narrow rows, and no text of all wide ones together. Characters. */
const PART = 1 << 18;

/** A batch as JSON objects, a row a line, with `between` before each; in parts, however wide a value is. */
export function* jsonParts({ columns, values }: QueryBatch, before: string): Generator<string> {
  const keys = columns.map(({ name }, at) => `${at ? ',' : '{'}${JSON.stringify(name)}:`);
  yield* parts(
    values,
    (row, column) => `${column ? '' : row ? ',\n' : before}${keys[column] ?? ''}`,
    '}',
    JSON_CELL,
  );
}

/** A batch as lines of RFC 4180 with line feeds. NULL is empty, the empty text `""`; lists and structs are JSON. */
export function* csvParts({ values }: Pick<QueryBatch, 'values'>): Generator<string> {
  yield* parts(values, (_, column) => (column ? ',' : ''), '\n', CSV_CELL);
}

/** How a value is written. */
interface Cell {
  readonly text: (value: unknown) => string;
  /** A text that is too wide for one part: what stands around it, and what becomes of a piece of it. */
  readonly quote: string;
  readonly piece: (text: string) => string;
}

const JSON_CELL: Cell = {
  text: jsonText,
  quote: '"',
  piece: (text) => JSON.stringify(text).slice(1, -1),
};
const CSV_CELL: Cell = {
  text: csvText,
  quote: '"',
  piece: (text) => text.replaceAll('"', '""'),
};

function* parts(
  values: QueryBatch['values'],
  before: (row: number, column: number) => string,
  after: string,
  cell: Cell,
): Generator<string> {
  let part = '';
  for (let row = 0; row < (values[0]?.length ?? 0); row += 1) {
    for (let column = 0; column < values.length; column += 1) {
      part += before(row, column);
      const value = values[column]?.[row];
      if (typeof value === 'string' && value.length > PART) {
        yield part + cell.quote;
        for (const piece of pieces(value)) yield cell.piece(piece);
        part = cell.quote;
      } else part += cell.text(value);
    }
    part += after;
    if (part.length < PART) continue;
    yield part;
    part = '';
  }
  if (part) yield part;
}

/** Never cuts between the halves of a character. */
function* pieces(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const to = from + PART;
    const end = isHighSurrogate(text.charCodeAt(to - 1)) ? to - 1 : to;
    yield text.slice(from, end);
    from = end;
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** What JSON escapes, and halves of characters, which it escapes where they are alone. */
const ESCAPED = /["\\\0-\x1f\ud800-\udfff]/;

function jsonText(value: unknown): string {
  if (typeof value === 'string') return ESCAPED.test(value) ? JSON.stringify(value) : `"${value}"`;
  return value === undefined ? 'null' : JSON.stringify(value);
}

function csvText(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
