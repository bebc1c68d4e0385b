import { GetObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { RedshiftError } from '../redshift-sql/error.ts';

export interface S3Options {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The S3 server that COPY reads from; without options, the one that the environment names (AWS_ENDPOINT_URL_S3). */
export function openStore(options: S3Options | undefined): S3Client {
  if (!options) return new S3Client({ forcePathStyle: true, customUserAgent: 'redshift-copy' });
  const { endpoint, region, ...credentials } = options;
  return new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    customUserAgent: 'redshift-copy',
  });
}

export function placeOf(uri: string): { Bucket: string; Key: string } {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  if (!match) throw new RedshiftError('XX000', `The specified S3 prefix '${uri}' does not exist`);
  return { Bucket: match[1] ?? '', Key: match[2] ?? '' };
}

/** @returns undefined when there is none. @throws {RedshiftError} S3's refusal as Redshift tells it */
export async function readText(store: S3Client, uri: string): Promise<string | undefined> {
  const found = await get(store, uri);
  return found?.Body?.transformToString();
}

/** Brings an object to a file. @returns its bytes; undefined when there is none */
export async function download(store: S3Client, uri: string, path: string): Promise<number | undefined> {
  const found = await get(store, uri);
  if (!found) return undefined;
  await pipeline(found.Body as Readable, createWriteStream(path));
  return found.ContentLength ?? 0;
}

async function get(store: S3Client, uri: string) {
  try {
    return await store.send(new GetObjectCommand(placeOf(uri)));
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    if (error.name === 'NoSuchKey' || error.name === 'NotFound') return undefined;
    const status = error.$metadata.httpStatusCode ?? 0;
    throw new RedshiftError(
      'XX000',
      `S3ServiceException:${error.message},Status ${status},Error ${error.name},Key ${uri}`,
    );
  }
}
