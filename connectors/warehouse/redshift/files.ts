import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thenCleanUp } from '../../../core/clean-up.ts';
import { TerminalError } from '../../../core/errors.ts';
import type { Manifest } from '../../../core/manifest.ts';
import type { ColumnType, TableSchema } from '../../../core/schema.ts';
import { awsError } from '../../aws/errors.ts';
import { acceptedTypes } from '../../duckdb/types.ts';
import { parquetFooter, type Footer } from './footer.ts';
import { CountMismatch } from '../errors.ts';

export interface LakeFile {
  readonly uri: string;
  readonly bytes: number;
}

const AT_ONCE = 8; // footers read at the same time
const FOOTER_GUESS = 64 * 1024; // bytes; most footers are smaller, so one request is enough
const PARQUET_MAGIC = 4; // bytes at either end of a file

/**
 * Holds every file against the manifest by its footer alone: columns by name, place and type, since COPY goes by place and would
 * take a swapped column without a word; rows; and gives the sizes that a COPY manifest needs.
 * @throws {CountMismatch}
 */
export async function mustHold(
  s3: S3Client,
  fileUris: readonly string[],
  manifest: Manifest,
): Promise<LakeFile[]> {
  const footers: (Footer & LakeFile)[] = [];
  for (let at = 0; at < fileUris.length; at += AT_ONCE) {
    footers.push(...(await Promise.all(fileUris.slice(at, at + AT_ONCE).map((uri) => footerOf(s3, uri)))));
  }
  for (const { uri, columns } of footers) mustHaveColumns(uri, columns, manifest.schema, manifest.loadId);
  const rows = footers.reduce((sum, footer) => sum + footer.rows, 0);
  if (rows !== manifest.rows) {
    throw new CountMismatch(
      manifest.loadId,
      `its files hold ${rows} rows, its manifest says ${manifest.rows}.`,
    );
  }
  return footers.map(({ uri, bytes }) => ({ uri, bytes }));
}

/**
 * Writes the list that COPY reads, next to the files. The same files give the same list, so it may be written again.
 * https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
 */
export async function writeCopyManifest(
  s3: S3Client,
  files: readonly LakeFile[],
  loadId: string,
): Promise<string> {
  const first = files[0]?.uri ?? '';
  const uri = `${first.slice(0, first.lastIndexOf('/'))}/_redshift_manifest.json`;
  const entries = files.map(({ uri: url, bytes }) => ({
    url,
    mandatory: true,
    meta: { content_length: bytes },
  }));
  try {
    await s3.send(
      new PutObjectCommand({
        ...placeOf(uri),
        Body: JSON.stringify({ entries }),
        ContentType: 'application/json',
      }),
    );
  } catch (error) {
    throw awsError(error, `Writing the COPY manifest of load ${loadId} to ${uri}`);
  }
  return uri;
}

function mustHaveColumns(
  uri: string,
  found: Footer['columns'],
  { columns }: TableSchema,
  loadId: string,
): void {
  const types = new Map(found.map(({ name, type }) => [name, type]));
  const problems = columns
    .filter(({ name, type }) => !fileTypes(type).includes(types.get(name) ?? ''))
    .map(({ name, type }) => `'${name}' is ${types.get(name) ?? 'missing'} instead of ${type}`);
  const known = new Set(columns.map(({ name }) => name));
  problems.push(...found.filter(({ name }) => !known.has(name)).map(({ name }) => `'${name}' is unknown`));
  if (!problems.length && columns.some(({ name }, at) => found[at]?.name !== name)) {
    problems.push(`they are in another order: ${found.map(({ name }) => name).join(', ')}`);
  }
  if (problems.length) {
    throw new CountMismatch(
      loadId,
      `the columns of ${uri} are not those of its manifest: ${problems.join('; ')}.`,
    );
  }
}

/** What a file's column may be so that COPY takes it. A UUID of 16 bytes has no counterpart in Redshift: it must be text. */
function fileTypes(type: ColumnType): readonly string[] {
  return type === 'uuid' ? ['VARCHAR'] : acceptedTypes(type);
}

/** Reads the end of an object into a file of the same length with nothing else in it, from which a Parquet reader tells its footer. */
async function footerOf(s3: S3Client, uri: string): Promise<Footer & LakeFile> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-footer-'));
  const read = async () => {
    let { tail, bytes } = await endOf(s3, uri, FOOTER_GUESS);
    const needed = (tail.length >= 8 ? tail.readUInt32LE(tail.length - 8) : 0) + 8;
    if (needed > tail.length && needed < bytes) ({ tail, bytes } = await endOf(s3, uri, needed));
    const path = join(folder, 'footer.parquet');
    const file = await open(path, 'w');
    await thenCleanUp(
      async () => {
        await file.write(Buffer.from('PAR1'), 0, PARQUET_MAGIC, 0);
        await file.write(tail, 0, tail.length, bytes - tail.length);
      },
      () => file.close(),
    );
    return { ...(await parquetFooter(path, uri)), uri, bytes };
  };
  return thenCleanUp(read, () => rm(folder, { recursive: true, force: true }));
}

/** The last bytes of an object, all of it where it is shorter, and its size. One request, whose refusal says why; HEAD has no words. */
async function endOf(s3: S3Client, uri: string, wanted: number): Promise<{ tail: Buffer; bytes: number }> {
  const Range = `bytes=-${wanted}`;
  try {
    const { Body, ContentRange = '' } = await s3.send(new GetObjectCommand({ ...placeOf(uri), Range }));
    const tail = Buffer.from((await Body?.transformToByteArray()) ?? []);
    return { tail, bytes: Number(/\/(\d+)$/.exec(ContentRange)?.[1] ?? tail.length) };
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'NoSuchKey' || name === 'InvalidRange') {
      const what = name === 'NoSuchKey' ? 'is gone from the lake' : 'is empty';
      throw new TerminalError(`${uri} ${what}. Extract the table again.`, { cause: error });
    }
    throw awsError(error, `Reading ${uri}`);
  }
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

function placeOf(uri: string): Place {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  if (match) return { Bucket: match[1] ?? '', Key: match[2] ?? '' };
  throw new TerminalError(
    `${uri} is not in S3, and Redshift loads from there only. Use the S3 lake with this warehouse.`,
  );
}
