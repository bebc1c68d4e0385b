import { Client, type ClientConfig } from 'pg';

/**
 * Puts what `CREATE EXTENSION aws_s3 CASCADE` gives on RDS into a database, in the place of what was there. It needs a superuser, and whoever exports needs
 * `pg_execute_server_program` and `pg_read_server_files`: the query runs as whoever asks, in the same transaction, and a shell of the server's sends its rows.
 * @param exporter where the server finds what `exporter.ts` has started
 */
export async function installAwsS3(
  database: ClientConfig,
  exporter: { readonly host: string; readonly port: number },
): Promise<void> {
  const client = new Client(database);
  await client.connect();
  try {
    await client.query(extension(exporter));
  } finally {
    await client.end();
  }
}

/** Sends the head, all that COPY gives, and the end; keeps the answer. */
const SEND = String.raw`exec 3<>"/dev/tcp/$0/$1" && { printf "%s\n" "$2"; cat; printf "%s" "$3"; } >&3 && cat <&3 >"$4"`;

// The messages are as people report them from RDS.
function extension({ host, port }: { readonly host: string; readonly port: number }): string {
  return String.raw`
DROP SCHEMA IF EXISTS aws_s3, aws_commons CASCADE;
CREATE SCHEMA aws_commons;
CREATE SCHEMA aws_s3;
CREATE TYPE aws_commons._s3_uri_1 AS (bucket text, file_path text, region text);
CREATE FUNCTION aws_commons.create_s3_uri(bucket text, file_path text, region text) RETURNS aws_commons._s3_uri_1
  LANGUAGE sql IMMUTABLE AS 'SELECT ROW(bucket, file_path, region)::aws_commons._s3_uri_1';

CREATE FUNCTION aws_s3.query_export_to_s3(query text, s3_info aws_commons._s3_uri_1, options text DEFAULT NULL, kms_key text DEFAULT NULL,
  OUT rows_uploaded bigint, OUT files_uploaded bigint, OUT bytes_uploaded bigint) LANGUAGE plpgsql AS $body$
DECLARE
  id text := gen_random_uuid();
  file text := '/tmp/aws_s3-' || id;
  head text := json_build_object('id', id, 'bucket', s3_info.bucket, 'path', s3_info.file_path, 'region', s3_info.region);
  words text[] := ARRAY['bash', '-c', $send$${SEND}$send$, '${host}', '${port}', head, id, file];
  program text := (SELECT string_agg('''' || replace(word, '''', '''\''''') || '''', ' ') FROM unnest(words) AS word);
  said text := 'no Unable to connect to endpoint';
BEGIN
  BEGIN
    EXECUTE format('COPY (%s) TO PROGRAM %L WITH (%s)', query, program, coalesce(options, 'format text'));
    GET DIAGNOSTICS rows_uploaded = ROW_COUNT;
    said := pg_read_file(file);
    EXECUTE format('COPY (SELECT 1 WHERE false) TO PROGRAM %L', 'rm -f ' || file);
  EXCEPTION WHEN external_routine_exception THEN NULL;
  END;
  IF said LIKE 'ok %' THEN
    files_uploaded := split_part(said, ' ', 2);
    bytes_uploaded := split_part(said, ' ', 3);
  ELSIF said = 'no no role' THEN
    RAISE EXCEPTION 'credentials stored with the database instance can''t be accessed'
      USING HINT = 'Has the IAM role Amazon Resource Name (ARN) been associated with the feature-name "s3Export"?';
  ELSE
    RAISE EXCEPTION 'could not upload to Amazon S3'
      USING ERRCODE = 'system_error', DETAIL = format('Amazon S3 client returned ''%s''.', substr(said, 4));
  END IF;
END $body$;

CREATE FUNCTION aws_s3.query_export_to_s3(query text, bucket text, file_path text, region text DEFAULT NULL, options text DEFAULT NULL, kms_key text DEFAULT NULL,
  OUT rows_uploaded bigint, OUT files_uploaded bigint, OUT bytes_uploaded bigint) LANGUAGE sql AS
  'SELECT * FROM aws_s3.query_export_to_s3(query, aws_commons.create_s3_uri(bucket, file_path, region), options, kms_key)';`;
}
