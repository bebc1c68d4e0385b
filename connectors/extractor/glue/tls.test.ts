import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aRequest,
  aTable,
  startHarness,
  type GlueHarness,
} from '../../../aws-local/glue/extractor-harness.ts';
import { missingForStack } from '../../../aws-local/services/stack.ts';
import type { PostgresTls } from '../../postgres/tls.ts';
import type { ExtractedTable } from '../port.ts';

const missing = missingForStack();
const PASSWORD = 'password';
const SSL_REQUEST = 8; // bytes

if (missing.length)
  describe.skip(`GlueExtractor over TLS NOT TESTED: ${missing.join(' ')}`, () =>
    it('extracts', () => undefined));
else describe('GlueExtractor over TLS', { timeout: 600_000 }, overTls);

function overTls(): void {
  let harness: GlueHarness;
  let server: Server;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'glue-tls-'));
    harness = await startHarness();
    await harness.sql('CREATE TABLE orders AS SELECT i AS id FROM generate_series(1, 1000) i');
    server = await encrypted(makeCertificates(folder), harness.url);
  }, 600_000);
  afterAll(async () => {
    server.close();
    await harness.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function extracted(host: string, ssl: PostgresTls): Promise<ExtractedTable | undefined> {
    const { port } = server.address() as AddressInfo;
    const { extractor } = harness.reopened({ source: { ...harness.options.source, host, port }, ssl });
    const [orders] = await extractor.extractAll(aRequest([aTable()]), new AbortController().signal);
    return orders;
  }
  const signedBy = (...names: string[]): string => {
    const file = join(folder, `${names.join('-')}.bundle.pem`);
    writeFileSync(file, names.map((name) => readFileSync(join(folder, `${name}.pem`), 'utf8')).join('\n'));
    return file;
  };

  it("reads where one of the file's authorities has signed the certificate of the very host", async () => {
    const rootCertificate = signedBy('stranger', 'authority');
    expect(await extracted('localhost', { mode: 'verify-full', rootCertificate })).toMatchObject({
      manifest: { rows: 1000 },
    });
  });

  it('reads nothing where none of them has', async () => {
    const rootCertificate = signedBy('stranger');
    expect(await extracted('localhost', { mode: 'verify-ca', rootCertificate })).toMatchObject({
      error: {
        name: 'TerminalError',
        message: expect.stringMatching(
          /None of the 1 certificates in 'rootCertificate' .* has signed that of localhost:\d+/,
        ) as string,
      },
    });
  });

  it('reads nothing from a host that the certificate does not name', async () => {
    const rootCertificate = signedBy('authority');
    expect(await extracted('127.0.0.1', { mode: 'verify-full', rootCertificate })).toMatchObject({
      error: {
        name: 'TerminalError',
        message: expect.stringMatching(/Table 'orders' .*127\.0\.0\.1 could not be verified/) as string,
      },
    });
  });
}

/** Speaks TLS as PostgreSQL does, in front of one that may have none. */
function encrypted(pfx: Buffer, to: URL): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('readable', () => begin(socket));
  });
  const begin = (socket: Socket): void => {
    if (socket.read(SSL_REQUEST) === null) return;
    socket.write('S');
    const inside = new TLSSocket(socket, { isServer: true, pfx, passphrase: PASSWORD });
    const database = connect(Number(to.port), to.hostname);
    for (const end of [inside, database])
      end
        .on('error', () => undefined)
        .on('close', () => [inside, database].forEach((each) => each.destroy()));
    inside.pipe(database).pipe(inside);
  };
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** `authority.pem`, which has signed the returned key's certificate for `localhost`; and `stranger.pem`, which has not. */
function makeCertificates(folder: string): Buffer {
  const keytool = (...args: string[]): void => {
    execFileSync('keytool', [...args, '-storepass', PASSWORD], { cwd: folder, stdio: 'pipe' });
  };
  const make = (name: string, ...more: string[]): void =>
    keytool(
      '-genkeypair',
      '-keyalg',
      'RSA',
      '-alias',
      name,
      '-dname',
      `CN=${name}`,
      '-validity',
      '30',
      ...more,
    );
  for (const name of ['authority', 'stranger']) {
    make(name, '-keystore', `${name}.p12`, '-ext', 'bc:c');
    keytool('-exportcert', '-rfc', '-alias', name, '-keystore', `${name}.p12`, '-file', `${name}.pem`);
  }
  make('server', '-keystore', 'server.p12');
  keytool('-certreq', '-alias', 'server', '-keystore', 'server.p12', '-file', 'server.csr');
  keytool(
    ...['-gencert', '-rfc', '-alias', 'authority', '-keystore', 'authority.p12', '-ext', 'san=dns:localhost'],
    ...['-infile', 'server.csr', '-outfile', 'server.pem'],
  );
  for (const name of ['authority', 'server'])
    keytool('-importcert', '-noprompt', '-alias', name, '-keystore', 'server.p12', '-file', `${name}.pem`);
  return readFileSync(join(folder, 'server.p12'));
}
