import { RedshiftError } from '../redshift-sql/error.ts';
import { widened } from '../redshift-sql/alter.ts';
import type { LateBindingViews } from '../redshift-sql/late-binding.ts';
import { statements, tokens, type Token } from '../redshift-sql/tokens.ts';
import { translate, type Translated } from '../redshift-sql/translate.ts';

/**
 * The text of a statement for PostgreSQL, as one statement, since it stands in a Parse message. What Redshift refuses becomes a
 * statement that fails with Redshift's message when it runs: so the state of the connection's transaction is PostgreSQL's own.
 */
export async function rewrite(
  sql: string,
  viewsOf: (statement: readonly Token[]) => Promise<LateBindingViews>,
): Promise<string> {
  try {
    const parts = statements(tokens(sql));
    const [part, more] = parts;
    if (!part) return '';
    if (more) throw new RedshiftError('42601', 'cannot insert multiple commands into a prepared statement');
    return textOf(translate(part, await viewsOf(part)));
  } catch (error) {
    if (!(error instanceof RedshiftError)) throw error;
    return `SELECT aws_local.fail(${literal(error.code)}, ${literal(error.message)})`;
  }
}

function textOf(statement: Translated): string {
  switch (statement.kind) {
    case 'sql':
      return statement.text;
    case 'table': {
      const { dist, sort } = statement.layout;
      if (dist === undefined && !sort.length) return statement.text;
      const name = statement.table.map((part) => `"${part}"`).join('.');
      return block(
        `EXECUTE ${literal(statement.text)}; INSERT INTO aws_local.layouts VALUES (to_regclass(${literal(name)})::oid, ` +
          `${dist === undefined ? 'NULL' : literal(dist)}, ARRAY[${sort.map(literal).join(', ')}]::text[]) ON CONFLICT DO NOTHING;`,
      );
    }
    case 'late-binding': {
      const [schema = '', view = ''] =
        statement.name.length > 1 ? statement.name.slice(-2) : ['public', ...statement.name];
      const values = [
        literal(schema),
        literal(view),
        String(statement.replace),
        literal(statement.query),
        literal(statement.text),
      ];
      return block(`PERFORM aws_local.late_view(${values.join(', ')});`);
    }
    case 'widening':
      return widened(statement.widening.table, statement.widening.column, statement.widening.bytes);
    case 'nothing':
      return `SET aws_local.nothing TO 'done'`;
    case 'maintenance':
      if (statement.maintenance.command === 'ANALYZE') return statement.maintenance.text;
      throw new RedshiftError(
        '0A000',
        'VACUUM through this door is not done by this stand-in; use the Data API',
      );
    case 'copy':
      throw new RedshiftError(
        '0A000',
        'COPY through this door is not done by this stand-in; use the Data API',
      );
  }
}

function block(body: string): string {
  return `DO ${literal(`BEGIN ${body} END`)}`;
}

/** As the stand-in's connections read it: a backslash is an escape. */
function literal(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
