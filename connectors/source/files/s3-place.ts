import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  GetObjectCommand,
  HeadBucketCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ArrivedFile, ClaimedFile } from '../../../core/arrived-file.ts';
import { awsError } from '../../aws/errors.ts';
import { fixedPart, matcher } from '../../../core/file-pattern.ts';
import { isShown, type OpenedFile, type Place } from './place.ts';

/** A prefix of a bucket. A version is an object's ETag, size and time: the same bytes put again are another. */
export class S3Place implements Place {
  readonly grow = false;
  readonly #client: () => Promise<S3Client>;
  readonly #bucket: string;
  readonly #prefix: string;

  /** @param root `s3://bucket/prefix` */
  constructor(root: string, client: () => Promise<S3Client>) {
    const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(root) ?? [];
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix && !prefix.endsWith('/') ? `${prefix}/` : prefix;
  }

  nameOf(place: string, key: string): string {
    return `s3://${this.#bucket}/${this.#prefix}${place}/${key}`;
  }

  async list(place: string, pattern: string, signal: AbortSignal): Promise<readonly ArrivedFile[]> {
    const folder = `${this.#prefix}${place}/`;
    const fits = matcher(pattern);
    const files: ArrivedFile[] = [];
    try {
      const client = await this.#client();
      const asked = { Bucket: this.#bucket, Prefix: `${folder}${fixedPart(pattern)}` };
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, asked)) {
        signal.throwIfAborted();
        for (const { Key = '', ETag = '', Size = 0, LastModified } of Contents) {
          const key = Key.slice(folder.length);
          if (Key.endsWith('/') || !fits.test(key) || !isShown(key, pattern)) continue;
          const arrivedAt = (LastModified ?? new Date(0)).toISOString();
          files.push({
            key,
            version: [ETag.replaceAll('"', ''), Size, arrivedAt].join(' '),
            bytes: Size,
            arrivedAt,
          });
        }
      }
      // A listing below a bucket that is not there fails; one that is empty says nothing of the prefix.
      if (!files.length) await client.send(new HeadBucketCommand({ Bucket: this.#bucket }));
      return files;
    } catch (error) {
      signal.throwIfAborted();
      throw awsError(error, `Listing s3://${this.#bucket}/${folder}`);
    }
  }

  async open(
    { place, key, version }: ClaimedFile,
    scratch: string,
    signal: AbortSignal,
  ): Promise<OpenedFile | 'replaced' | 'gone'> {
    const name = this.nameOf(place, key);
    const path = join(scratch, basename(key));
    const [etag = ''] = version.split(' ');
    const close = () => rm(path, { force: true });
    try {
      const client = await this.#client();
      const { Body } = await client.send(
        new GetObjectCommand({
          Bucket: this.#bucket,
          Key: `${this.#prefix}${place}/${key}`,
          IfMatch: `"${etag}"`,
        }),
        { abortSignal: signal },
      );
      await pipeline(Body as Readable, createWriteStream(path), { signal });
    } catch (error) {
      await close();
      signal.throwIfAborted();
      const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
      if ($metadata?.httpStatusCode === 412) return 'replaced';
      if (error instanceof Error && error.name === 'NoSuchKey') return 'gone';
      throw awsError(error, `Reading ${name}`);
    }
    // What was asked for by its ETag is what was read.
    return { path, isSame: () => Promise.resolve(true), close };
  }
}
