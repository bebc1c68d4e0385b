import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { missing, startExportHarness } from '../../../aws-local/rds/export-harness.ts';
import { aRequest } from '../conformance/request.ts';
import { sourceConformance, type SourceHarness } from '../../source/conformance/suite.ts';
import type { Extracted, ExtractRequest, Source } from '../../source/port.ts';

if (missing === undefined) sourceConformance('PostgreSQL by export', openExporting);
else describe.skip(`PostgreSQL by export as a source ${missing}`, () => it('reads', () => undefined));

/** A source whose tables go through S3. */
async function openExporting(): Promise<SourceHarness> {
  const harness = await startExportHarness();
  const { postgres, extractor, lake, s3 } = harness;
  const extract = async (wanted: ExtractRequest, signal: AbortSignal): Promise<Extracted> => {
    const { table, mark, before, interval, directory, onProgress } = wanted;
    const asked = aRequest([table]);
    const tables = asked.tables.map((each) => ({ ...each, mark, before }));
    const request = { ...asked, interval, tables };
    const [found] = await extractor.extractAll(request, signal, () => onProgress?.({ bytes: 0 }));
    await extractor.release(request.token);
    if (!found || 'error' in found) throw found?.error ?? new Error('no entry');
    const { manifest, manifestUri } = found;
    for (const [at, uri] of lake.fileUris(manifestUri, manifest).entries())
      await copyFile(uri.replace('s3:/', s3.objects), join(directory, manifest.files[at]?.path ?? ''));
    return manifest as Extracted;
  };
  const source: Source = {
    describe: (table) => postgres.source.describe(table),
    firstRow: (statement, signal) => postgres.source.firstRow(statement, signal),
    close: () => postgres.source.close(),
    extract,
  };
  return { ...postgres, source, close: harness.stop };
}
