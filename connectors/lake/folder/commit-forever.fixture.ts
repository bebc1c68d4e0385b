import { randomUUID } from 'node:crypto';
import { FileSystemLake } from './lake.ts';
import { committed } from '../conformance/fixtures.ts';

// A process to be killed: commits one load after the other, and says so.
const [, , root = ''] = process.argv;
const lake = new FileSystemLake({ root });
for (;;) {
  await committed(lake, `l-${randomUUID()}`);
  process.stdout.write('committed\n');
}
