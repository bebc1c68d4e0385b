import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { s3Client, type S3ClientOptions } from '../../aws/s3-client.ts';
import { S3Lake } from '../../lake/s3/lake.ts';
import { PostgresSource, type PostgresSourceOptions } from '../../source/postgres/source.ts';
import type { ExtractAllRequest } from '../port.ts';
import { RdsExportExtractor } from './extractor.ts';

/** What the process is told. */
export interface Given {
  readonly request: ExtractAllRequest;
  readonly database: PostgresSourceOptions;
  readonly s3: S3ClientOptions;
  readonly lake: { readonly bucket: string; readonly prefix: string; readonly scratch: string };
  readonly region: string;
}

// A process to be killed: waits for a line, extracts once, says what it is at, and then waits: what was read is being settled.
const [text] = (await once(createInterface(process.stdin), 'line')) as [string];
const { request, database, s3, lake, region } = JSON.parse(text) as Given;
const extractor = new RdsExportExtractor({
  exports: new PostgresSource(database).exports,
  lake: new S3Lake({ client: s3Client(s3), ...lake }),
  region,
});
const say = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`);
await extractor.extractAll(request, new AbortController().signal, say);
say({ settling: request.token });
setInterval(() => undefined, 60_000);
