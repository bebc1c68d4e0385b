import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHarness, type GlueHarness } from '../../../aws-local/glue/extractor-harness.ts';
import { aRequest, aTable } from '../conformance/request.ts';
import { missingForStack } from '../../../aws-local/services/stack.ts';
import { Authority } from '../../../test/setup/certificates.ts';
import { encryptedPostgres, type EncryptedPostgres } from '../../../test/setup/encrypted-postgres.ts';
import type { PostgresTls } from '../../postgres/tls.ts';
import type { ExtractedTable } from '../port.ts';

const missing = missingForStack();

if (missing.length)
  describe.skip(`GlueExtractor over TLS NOT TESTED: ${missing.join(' ')}`, () =>
    it('extracts', () => undefined));
else describe('GlueExtractor over TLS', { timeout: 600_000 }, overTls);

function overTls(): void {
  let harness: GlueHarness;
  let server: EncryptedPostgres;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'glue-tls-'));
    harness = await startHarness();
    await harness.sql('CREATE TABLE orders AS SELECT i AS id FROM generate_series(1, 1000) i');
    new Authority(folder, 'stranger');
    const { hostname, port } = harness.url;
    server = await encryptedPostgres(
      { host: hostname, port: Number(port) },
      new Authority(folder, 'authority').sign('server', ['DNS:localhost']),
    );
  }, 600_000);
  afterAll(async () => {
    server.close();
    await harness.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function extracted(host: string, ssl: PostgresTls): Promise<ExtractedTable | undefined> {
    const { port } = server;
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
