import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing, startExportHarness, type ExportHarness } from '../../../aws-local/rds/export-harness.ts';
import { seedOlist } from '../../../seed/index.ts';
import { aRequest, aTable } from '../conformance/request.ts';
import { asTheWorker, everything } from '../conformance/suite.ts';
import { SETUP } from '../conformance/tables.ts';
import type { ExtractedTable } from '../port.ts';

if (missing === undefined) describe('RdsExportExtractor', { timeout: 120_000 }, extracts);
else describe.skip(`RdsExportExtractor ${missing}`, () => it('extracts', () => undefined));

function extracts(): void {
  let harness: ExportHarness;
  let extracted: readonly ExtractedTable[];
  const request = everything();
  const seen: unknown[] = [];
  beforeAll(async () => {
    // Large tables come in files of 4 MB: several to a part.
    harness = await startExportHarness({ fileBytes: 4e6 });
    await seedOlist(harness.url, { orders: 300 });
    await harness.postgres.sql(SETUP);
    extracted = await harness.extractor.extractAll(request, never(), (details) => seen.push(details));
  }, 120_000);
  afterAll(() => harness.stop());

  asTheWorker(() => ({
    ...harness,
    extracted,
    source: harness.postgres.source,
    sql: harness.postgres.sql,
    local: (uri) => uri.replace('s3:/', harness.s3.objects),
  }));

  it('reads what it is told to of a table with a window, and says so', async () => {
    const table = aTable({
      name: 'windowed',
      from: 'strays',
      extract: { mode: 'interval', cursor: 'at', cursorNulls: 'fail', cursorOutOfRange: 'exclude' },
    });
    const interval = { start: '2018-01-01T00:00:00Z', end: '2018-03-01T00:00:00Z' };
    const asked = aRequest([table]);
    const tables = asked.tables.map((each) => ({ ...each, interval }));
    const [found] = await harness.extractor.extractAll({ ...asked, tables }, never());
    expect(found).toMatchObject({ manifest: { rows: 2, interval } });
    await harness.extractor.release(asked.token);
  });

  it('has large exports in several files, which are one again', async () => {
    const left = await harness.keys(`lake/exports/${request.token}/big/`);
    expect(left.filter((key) => /\/part-\d+_part[2-9]$/.test(key)).length).toBeGreaterThan(3);
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}
