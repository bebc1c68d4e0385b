import { readFileSync } from 'node:fs';
import { DuckDbWarehouse } from './warehouse.ts';
import type { LoadRequest } from '../port.ts';

// A process to be killed: applies the load requests that a file lists, one after the other, and says so.
const [, , file = '', requests = ''] = process.argv;
const warehouse = new DuckDbWarehouse({ file, threads: 1, memoryLimit: '300MB' });
for (const request of JSON.parse(readFileSync(requests, 'utf8')) as LoadRequest[]) {
  process.stdout.write('starting\n');
  const { loadId } = await warehouse.load(request, new AbortController().signal);
  process.stdout.write(`applied ${loadId}\n`);
}
