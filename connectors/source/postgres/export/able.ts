import type { Client } from 'pg';
import { TerminalError } from '../../../../core/errors.ts';

interface Able {
  readonly database: string;
  readonly user: string;
  /** The server could have the extension: it is RDS's or Aurora's. */
  readonly available: boolean;
  /** The functions are there. */
  readonly installed: boolean;
  readonly allowed: boolean;
}

/** @param source begins the sentence @throws {TerminalError} PostgreSQL cannot export into S3, or its user may not have it do so */
export async function mustBeAble(client: Client, source: string): Promise<void> {
  const { rows } = await client.query<Able>(ABLE);
  const [able] = rows;
  if (!able) throw new TypeError('a SELECT without FROM gives one row');
  const { installed, available, allowed, database, user } = able;
  if (!installed && !available)
    throw new TerminalError(
      `${source}: this PostgreSQL has no extension aws_s3, so it is no RDS and no Aurora, and cannot export into S3. ` +
        `Take 'extractor' out of the connection, and the worker reads the tables itself.`,
    );
  if (!installed)
    throw new TerminalError(
      `${source}: the extension aws_s3 is not in database '${database}'. Let its administrator run there: CREATE EXTENSION aws_s3 CASCADE; ` +
        `GRANT USAGE ON SCHEMA aws_s3, aws_commons TO ${user}; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA aws_s3, aws_commons TO ${user};`,
    );
  if (!allowed)
    throw new TerminalError(
      `${source}: user ${user} may not use the extension aws_s3. Let the administrator of database '${database}' run: ` +
        `GRANT USAGE ON SCHEMA aws_s3, aws_commons TO ${user}; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA aws_s3, aws_commons TO ${user};`,
    );
}

// By the catalog: whoever may not use a schema does not see its functions otherwise.
const ABLE = `
SELECT current_database() AS database, quote_ident(current_user) AS user,
  EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'aws_s3') AS available,
  count(DISTINCT n.nspname) = 2 AS installed,
  coalesce(bool_and(has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE')), false) AS allowed
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE (n.nspname, p.proname) IN (('aws_s3', 'query_export_to_s3'), ('aws_commons', 'create_s3_uri'))`;
