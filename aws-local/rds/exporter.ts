import { createServer, type AddressInfo, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

export interface ExporterOptions {
  readonly s3: { readonly endpoint: string; readonly region: string };
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly host?: string;
  readonly port?: number | undefined;
  /** Bytes after which a file is followed by another (default 6 GB). */
  readonly fileBytes?: number;
}

/** The way of an RDS instance into S3: takes what `extension.ts` has PostgreSQL send. */
export interface Exporter {
  readonly port: number;
  /** Said in S3's place from now on; `no role`: the instance has none for s3Export. */
  refusal: string | undefined;
  stop(): Promise<void>;
}

interface Header {
  readonly id: string;
  readonly bucket: string;
  readonly path: string;
  readonly region: string | null;
}

const SIX_GB = 6e9;
const NEWLINE = 0x0a;

/**
 * Takes exports on a port: a line that says whose they are, the bytes, and the id once more as end. Answers `ok <files> <bytes>`, or
 * `no <what S3 says>`. A sender that breaks off leaves no file.
 */
export async function startExporter(options: ExporterOptions): Promise<Exporter> {
  const { s3, keys, host = '127.0.0.1', port = 0 } = options;
  const client = new S3Client({ ...s3, forcePathStyle: true, credentials: keys });
  const sockets = new Set<Socket>();
  const says: { refusal: string | undefined } = { refusal: undefined };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    void answer(socket, client, options, says).then(
      (said) => socket.end(said),
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, host, () => resolve()),
  );
  return Object.assign(says, {
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      client.destroy();
    },
  });
}

async function answer(
  socket: Socket,
  client: S3Client,
  { s3, fileBytes = SIX_GB }: ExporterOptions,
  says: Pick<Exporter, 'refusal'>,
): Promise<string> {
  let files: Files | undefined;
  let refused = '';
  let end = Buffer.alloc(0);
  let held: Buffer = Buffer.alloc(0);
  // The answer goes back the same way, so the socket outlives its last byte.
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    held = held.length ? Buffer.concat([held, chunk]) : chunk;
    if (!end.length) {
      const line = held.indexOf(NEWLINE);
      if (line < 0) continue;
      const header = JSON.parse(held.toString('utf8', 0, line)) as Header;
      held = held.subarray(line + 1);
      end = Buffer.from(header.id);
      refused = says.refusal ?? ofOtherRegion(header, s3.region);
      if (!refused) files = new Files(client, header, fileBytes);
    }
    const ended = held.length >= end.length && held.subarray(-end.length).equals(end);
    const ready = held.subarray(0, Math.max(0, held.length - end.length));
    held = held.subarray(ready.length);
    try {
      await files?.write(ready);
      if (ended && files) return await files.close();
    } catch (error) {
      files = undefined;
      refused = error instanceof Error ? error.message : String(error);
    }
    if (ended) return `no ${refused}`;
  }
  await files?.abort();
  throw new Error('the sender broke off');
}

function ofOtherRegion({ region }: Header, own: string): string {
  if (region === null || region === own) return '';
  return 'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.';
}

/** The files of one export: `<path>`, then `<path>_part2` and so on. */
class Files {
  readonly #client: S3Client;
  readonly #header: Header;
  readonly #limit: number;
  #count = 0;
  #bytes = 0;
  #written = 0;
  #open: { readonly body: PassThrough; readonly upload: Upload; readonly done: Promise<unknown> } | undefined;

  constructor(client: S3Client, header: Header, limit: number) {
    this.#client = client;
    this.#header = header;
    this.#limit = limit;
  }

  /** A file ends with a line, as it happens to be: lines within a value are some, too. */
  async write(bytes: Buffer): Promise<void> {
    let rest = bytes;
    while (rest.length) {
      const room = this.#limit - this.#written;
      const cut = room <= rest.length ? rest.indexOf(NEWLINE, Math.max(0, room - 1)) + 1 : 0;
      await this.#send(cut ? rest.subarray(0, cut) : rest);
      if (!cut) return;
      rest = rest.subarray(cut);
      await this.#end();
    }
  }

  async close(): Promise<string> {
    if (!this.#count) await this.#send(Buffer.alloc(0));
    await this.#end();
    return `ok ${this.#count} ${this.#bytes}`;
  }

  async abort(): Promise<void> {
    await this.#open?.upload.abort();
    this.#open?.body.destroy();
  }

  async #send(bytes: Buffer): Promise<void> {
    const { bucket, path } = this.#header;
    if (!this.#open) {
      this.#count++;
      const body = new PassThrough();
      const Key = this.#count > 1 ? `${path}_part${this.#count}` : path;
      const upload = new Upload({ client: this.#client, params: { Bucket: bucket, Key, Body: body } });
      const done = upload.done();
      done.catch(() => body.resume()); // told by whoever waits for it
      this.#open = { body, upload, done };
    }
    this.#bytes += bytes.length;
    this.#written += bytes.length;
    const { body, done } = this.#open;
    if (!body.write(bytes)) await Promise.race([new Promise((resolve) => body.once('drain', resolve)), done]);
  }

  async #end(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    this.#written = 0;
    open?.body.end();
    await open?.done;
  }
}
