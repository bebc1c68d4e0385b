import { GlueExtractor } from './extractor.ts';
import { Glue } from '../../jobs/glue/jobs.ts';
import { S3Lake } from '../../lake/s3/lake.ts';
import { s3Client } from '../../aws/s3-client.ts';
import type { GlueExtractorOptions } from './extractor.ts';
import type { ExtractAllRequest } from '../port.ts';

// A process to be killed: extracts once, says what it is at, and then waits: what was read is being settled.
const [, , text = ''] = process.argv;
const { request, bucket, options } = JSON.parse(text) as {
  request: ExtractAllRequest;
  bucket: string;
  options: Omit<GlueExtractorOptions, 'jobs' | 'lake'>;
};
const lake = new S3Lake({ client: s3Client({ pathStyle: true }), bucket, prefix: 'lake' });
const extractor = new GlueExtractor({ ...options, jobs: new Glue(), lake });
await extractor.extractAll(request, new AbortController().signal, (details) =>
  process.stdout.write(`${JSON.stringify(details)}\n`),
);
process.stdout.write(`${JSON.stringify({ settling: request.token })}\n`);
setInterval(() => undefined, 60_000);
