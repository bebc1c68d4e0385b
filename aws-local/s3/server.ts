import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startFenced } from '../services/fenced.ts';
import { freePort, listening } from '../services/ports.ts';
import { findProgram, howToGet } from '../services/tools.ts';

export interface S3ServerOptions {
  /** Takes the objects, as plain files, the server's log and `access.log`: a line for each request, as S3 writes them. */
  readonly folder: string;
  readonly host?: string;
  readonly port?: number | undefined;
  readonly region?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Server {
  readonly endpoint: string;
  /** The folder of the buckets: `<objects>/<bucket>/<key>`. */
  readonly objects: string;
  stop(): Promise<void>;
}

export function s3ServerProgram(): string | undefined {
  return findProgram('versitygw');
}

/** Starts versitygw, a real S3 server over a folder. It ends with this process at the latest. */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const { folder, host = '127.0.0.1', region = 'eu-central-1', accessKeyId, secretAccessKey } = options;
  const program = s3ServerProgram();
  if (!program) throw new Error(howToGet('versitygw'));
  const objects = join(folder, 'objects');
  const metadata = join(folder, 'metadata');
  await mkdir(objects, { recursive: true });
  await mkdir(metadata, { recursive: true });
  const port = options.port ?? (await freePort());
  const log = join(folder, 's3.log');
  const server = startFenced(
    program,
    [
      '--port',
      `${host}:${port}`,
      '--region',
      region,
      '--access-log',
      join(folder, 'access.log'),
      'posix',
      '--sidecar',
      metadata,
      objects,
    ],
    { log, env: { ...process.env, ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey } },
  );
  await listening(port, 'versitygw', { exited: server.exited, log });
  return { endpoint: `http://127.0.0.1:${port}`, objects, stop: () => server.stop() };
}
