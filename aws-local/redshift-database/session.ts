import type pg from 'pg';
import { RedshiftError } from '../redshift-sql/error.ts';
import { widened } from '../redshift-sql/alter.ts';
import type { Maintenance } from '../redshift-sql/maintenance.ts';
import { keyword, statements, textOf, tokens, type Token } from '../redshift-sql/tokens.ts';
import { translate, type Translated } from '../redshift-sql/translate.ts';
import { loadParquet, type CopyContext } from './load.ts';
import { redshiftError } from './errors.ts';
import { lateBindingViews } from './views.ts';

export interface Result {
  /** Names, PostgreSQL type ids and modifiers. Absent where the statement gives no rows. */
  readonly columns:
    readonly { readonly name: string; readonly type: number; readonly modifier: number }[] | undefined;
  /** Values as PostgreSQL's text. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** Rows given or changed; −1 where that has no meaning. */
  readonly count: number;
}

const NOTHING: Result = { columns: undefined, rows: [], count: -1 };

/** A connection on which Redshift's SQL is run. */
export class Session {
  readonly #client: pg.PoolClient;
  readonly #copy: CopyContext;
  #open = false;

  constructor(client: pg.PoolClient, copy: CopyContext) {
    this.#client = client;
    this.#copy = copy;
  }

  get pid(): number {
    return (this.#client as unknown as { processID: number }).processID;
  }

  /** Snapshot isolation, Redshift's default. https://docs.aws.amazon.com/redshift/latest/dg/c_serializable_isolation.html */
  async begin(): Promise<void> {
    await this.#client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    this.#open = true;
  }

  /** @throws {RedshiftError} */
  async commit(): Promise<void> {
    this.#open = false;
    await this.#client.query('COMMIT').catch((error: unknown) => {
      throw redshiftError(error);
    });
  }

  async rollback(): Promise<void> {
    this.#open = false;
    await this.#client.query('ROLLBACK').catch(() => undefined);
  }

  /** Runs one statement. @throws {RedshiftError} */
  async run(sql: string, parameters: ReadonlyMap<string, string> = new Map()): Promise<Result> {
    try {
      const parts = statements(tokens(sql));
      const [part, more] = parts;
      if (!part) throw new RedshiftError('42601', 'syntax error at end of input');
      if (more) throw new RedshiftError('42601', 'cannot insert multiple commands into a prepared statement');
      const { bound, values } = bind(part, parameters);
      const statement = translate(bound, await lateBindingViews(this.#client, bound));
      const result = await this.#execute(statement, values);
      // What VACUUM and ANALYZE go by is counted when the transaction ends, not within the second that PostgreSQL takes for it.
      if (statement.kind !== 'sql' || WRITES.test(statement.command)) await this.#client.query(COUNT_NOW);
      return result;
    } catch (error) {
      throw redshiftError(error);
    }
  }

  async #execute(statement: Translated, values: string[]): Promise<Result> {
    switch (statement.kind) {
      case 'nothing':
        return NOTHING;
      case 'maintenance':
        await this.#maintain(statement.maintenance);
        return NOTHING;
      case 'copy':
        return { ...NOTHING, count: await loadParquet(this.#client, statement.copy, this.#copy) };
      case 'widening':
        await this.#widen(statement.widening);
        return NOTHING;
      case 'late-binding': {
        const [schema, view] =
          statement.name.length > 1 ? statement.name.slice(-2) : ['public', ...statement.name];
        const details = [schema, view, statement.replace, statement.query, statement.text];
        await this.#client.query('SELECT aws_local.late_view($1, $2, $3, $4, $5)', details);
        return NOTHING;
      }
      case 'table': {
        await this.#client.query({ text: statement.text, values });
        const name = statement.table.map((part) => `"${part}"`).join('.');
        await this.#client.query(
          `INSERT INTO aws_local.layouts SELECT to_regclass($1)::oid, $2, $3 ON CONFLICT (relation) DO NOTHING`,
          [name, statement.layout.dist ?? null, statement.layout.sort],
        );
        return NOTHING;
      }
      case 'sql': {
        if (/^(BEGIN|START|COMMIT|END|ROLLBACK|ABORT)$/.test(statement.command))
          throw new RedshiftError(
            '25001',
            `${statement.command} is not allowed here: a batch is one transaction`,
          );
        const found = await this.#client.query<(string | null)[]>({
          text: statement.text,
          values,
          rowMode: 'array',
          types: TEXT,
        });
        if (statement.commits && this.#open) {
          await this.commit();
          await this.begin();
        }
        const columns = found.fields.map(({ name, dataTypeID, dataTypeModifier }) => ({
          name,
          type: dataTypeID,
          modifier: dataTypeModifier,
        }));
        return {
          columns: columns.length ? columns : undefined,
          rows: found.rows,
          count: found.rowCount ?? -1,
        };
      }
    }
  }

  async #maintain(maintenance: Maintenance): Promise<void> {
    const { command, text, table, sorts, reclaims } = maintenance;
    if (command === 'VACUUM' && this.#open)
      throw new RedshiftError('25001', 'VACUUM cannot run inside a transaction block');
    await this.#client.query(text);
    const name = table.map((part) => `"${part}"`).join('.');
    await this.#client.query('SELECT aws_local.tidied($1, $2, $3, $4)', [
      name || null,
      sorts,
      reclaims,
      command === 'ANALYZE',
    ]);
  }

  /** https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html: VARCHAR only, never shorter, outside of a transaction. */
  async #widen({
    table,
    column,
    bytes,
  }: Extract<Translated, { kind: 'widening' }>['widening']): Promise<void> {
    if (this.#open)
      throw new RedshiftError('25001', 'ALTER TABLE ALTER COLUMN cannot run inside a transaction block');
    const name = table.map((part) => `"${part}"`).join('.');
    const { rows } = await this.#client.query<{ type: string; length: number }>(
      `SELECT atttypid::regtype::text AS type, atttypmod - 4 AS length FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2`,
      [name, column],
    );
    const [found] = rows;
    if (!found)
      throw new RedshiftError(
        '42703',
        `column "${column}" of relation "${table.at(-1) ?? ''}" does not exist`,
      );
    if (found.type !== 'character varying')
      throw new RedshiftError('0A000', `cannot alter type of a column with type ${found.type}`);
    if (bytes < found.length)
      throw new RedshiftError(
        '0A000',
        `cannot reduce the size of column "${column}" from ${found.length} to ${bytes}`,
      );
    await this.#client.query(widened(table, column, bytes));
  }
}

const WRITES = /^(INSERT|UPDATE|DELETE|MERGE|TRUNCATE)$/;
const COUNT_NOW = 'SELECT pg_stat_force_next_flush()';

const TEXT = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig;

/** Named parameters of the Data API, `:name`, become PostgreSQL's. @throws {RedshiftError} one that is not given, or given and not used */
function bind(
  part: readonly Token[],
  parameters: ReadonlyMap<string, string>,
): { bound: Token[]; values: string[] } {
  const order: string[] = [];
  const bound = part.map((token): Token => {
    if (token.kind !== 'parameter' || !token.text.startsWith(':')) return token;
    const name = token.text.slice(1);
    if (!parameters.has(name))
      throw new RedshiftError(
        '42601',
        `parameter ${name} is not given in ${keyword(part[0])} ${textOf(part).slice(0, 60)}`,
      );
    if (!order.includes(name)) order.push(name);
    return { kind: 'parameter', text: `$${order.indexOf(name) + 1}` };
  });
  return { bound, values: order.map((name) => parameters.get(name) ?? '') };
}
