// Carries the input of a task's container in, or its output out, between S3 and the volume that it shares with this process.
//   node carry.mjs in|out s3://bucket/key /sluice/file
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const MOST = 1_048_576; // bytes; what is larger than a result may be is told by its size alone, and need not travel
const [way, place, file] = process.argv.slice(2);
const { host: Bucket, pathname } = new URL(place);
const Key = pathname.slice(1);
const s3 = new S3Client({ forcePathStyle: process.env.SLUICE_S3_PATH_STYLE === 'true' });

if (way === 'in') {
  // Whoever the image runs as may leave an output.
  chmodSync(dirname(file), 0o1777);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  writeFileSync(file, await Body.transformToByteArray());
} else if (existsSync(file) && statSync(file).isFile() && statSync(file).size > 0) {
  const size = statSync(file).size;
  const Metadata = { bytes: String(size) };
  await s3.send(new PutObjectCommand({ Bucket, Key, Metadata, Body: size > MOST ? '' : readFileSync(file) }));
}
