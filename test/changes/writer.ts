import type { Client } from 'pg';

/** Numbers that look random and are the same for the same seed: mulberry32. */
export function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

export const CREATE = `
  CREATE TABLE t (id int PRIMARY KEY, grp int NOT NULL, note text, big text, n numeric(12,3), raw bytea);
  ALTER TABLE t ALTER big SET STORAGE EXTERNAL;
  INSERT INTO t SELECT i, i % 3, 'first ' || i, repeat('x', 4000), i / 7.0, NULL FROM generate_series(1, 30) AS i`;

const KEYS = 45;
/** Of what is drawn, how much of it is done: each kind of change comes after those that are more frequent. */
const KINDS = { rows: 235, truncations: 238, definitions: 243 };

/** Does random transactions on the table of `CREATE`: some are rolled back, few truncate it or change its definition. */
export class Writer {
  readonly #client: Client;
  readonly #below: (below: number) => number;
  readonly #kinds: number;
  #named = 0;

  constructor(client: Client, seed: number, kinds: 'rows' | 'truncations' | 'definitions') {
    this.#client = client;
    this.#below = draws(seed);
    this.#kinds = KINDS[kinds];
  }

  async transaction(): Promise<void> {
    const below = this.#below;
    const statements = Array.from({ length: 1 + below(6) }, () => this.#statement());
    const last = below(12) === 0 ? 'ROLLBACK' : 'COMMIT';
    try {
      await this.#client.query('BEGIN');
      for (const statement of statements) await this.#client.query(await statement());
      await this.#client.query(last);
    } catch (error) {
      await this.#client.query('ROLLBACK');
      // A key that is taken, or a lock that two need: as in life.
      if (!/duplicate key|deadlock|does not exist/.test(String(error))) throw error;
    }
  }

  #statement(): () => Promise<string> {
    const below = this.#below;
    const [id, other, value] = [1 + below(KEYS), 1 + below(KEYS), below(1000)];
    const big = `repeat('${String.fromCharCode(97 + below(26))}', ${3000 + below(3000)})`;
    const note = [`'it''s "${value}", so'`, `E'two\\nlines\\r'`, `''`, 'NULL'][below(4)] ?? 'NULL';
    const plain = (sql: string) => () => Promise.resolve(sql);
    const kind = below(this.#kinds) / 10;
    if (kind < 6)
      return plain(
        `INSERT INTO t (id, grp, note, big, n, raw) VALUES (${id}, ${value % 5}, ${note}, ${big}, ${value}.125, '\\x00ff${String(value).padStart(4, '0')}')`,
      );
    if (kind < 11) return plain(`UPDATE t SET note = ${note}, n = ${value} WHERE id = ${id}`);
    if (kind < 13) return plain(`UPDATE t SET big = ${big} WHERE id = ${id}`);
    if (kind < 14) return plain(`UPDATE t SET big = NULL WHERE id = ${id}`);
    if (kind < 18) return plain(`UPDATE t SET id = ${other}, grp = grp + 1 WHERE id = ${id}`);
    if (kind < 22) return plain(`DELETE FROM t WHERE id = ${id}`);
    if (kind < 23) return plain(`UPDATE t SET grp = grp + 1 WHERE grp = ${value % 5}`);
    if (kind < 23.5) return plain(`DELETE FROM t WHERE id > 40`);
    if (kind < 23.8) return plain('TRUNCATE t');
    return () => this.#definition();
  }

  async #definition(): Promise<string> {
    const below = this.#below;
    const { rows } = await this.#client.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = 't'::regclass AND attname LIKE 'extra%' AND NOT attisdropped ORDER BY 1`,
    );
    const names = rows.map(({ name }) => name);
    const some = names[below(Math.max(names.length, 1))];
    const fresh = `extra_${this.#named++}`;
    if (some === undefined || below(3) === 0)
      return `ALTER TABLE t ADD COLUMN ${fresh} ${['int', `text DEFAULT 'so'`, `int DEFAULT (random() * 100)::int`][below(3)] ?? 'int'}`;
    return below(2) ? `ALTER TABLE t DROP COLUMN ${some}` : `ALTER TABLE t RENAME COLUMN ${some} TO ${fresh}`;
  }
}
