import { readFileSync } from 'node:fs';
import { redshiftDataClient } from '../../aws/clients.ts';
import { s3Client } from '../../aws/s3-client.ts';
import type { CareRequest } from '../port.ts';
import type { RedshiftPlace } from './api.ts';
import { RedshiftWarehouse } from './warehouse.ts';

/** What a process to be killed works with, as a JSON file. */
export interface CareWork {
  readonly data: string;
  readonly s3: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly place: RedshiftPlace;
  readonly copyRole: string;
  readonly request: CareRequest;
}

const work = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as CareWork;
const { region, accessKeyId, secretAccessKey, place, copyRole } = work;
const credentials = { accessKeyId, secretAccessKey };
const warehouse = new RedshiftWarehouse({
  data: redshiftDataClient({ endpoint: work.data, region, credentials }),
  s3: s3Client({ endpoint: work.s3, region, pathStyle: true, credentials }),
  place,
  copyRole,
});
await warehouse.care(work.request, new AbortController().signal);
process.stdout.write('done\n');
