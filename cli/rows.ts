import type { QueryBatch } from '../connectors/warehouse/port.ts';
import { table } from './output.ts';

type Columns = QueryBatch['columns'];
type Row = QueryBatch['rows'][number];

const CELL_CHARACTERS = 100; // what a person reads of one value

/** A table for people: wide values are cut, and what would move the cursor is shown. `cut`: how many values were. */
export function peoplesTable(columns: Columns, rows: readonly Row[]): { text: string; cut: number } {
  let cut = 0;
  const cells = rows.map((row) =>
    columns.map(({ name }) => {
      const value = row[name];
      if (value === null || value === undefined) return '∅';
      const text = plain(value);
      if (text.length > CELL_CHARACTERS) cut += 1;
      return shown(text);
    }),
  );
  const right = columns.flatMap(({ type }, at) =>
    /INT|DECIMAL|DOUBLE|FLOAT|NUMERIC/i.test(type) ? [at] : [],
  );
  return {
    text: table(
      columns.map(({ name }) => shown(name)),
      cells,
      right,
    ),
    cut,
  };
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Control characters as their pictures: a line feed would break the table, an escape would reach the terminal. */
function shown(text: string): string {
  const part = text.length > CELL_CHARACTERS ? `${text.slice(0, CELL_CHARACTERS - 1)}…` : text;
  return part.replace(/[\0-\x1f\x7f]/g, (control) =>
    control === '\x7f' ? '␡' : String.fromCharCode(0x2400 + control.charCodeAt(0)),
  );
}
