import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { TransientError } from '../../../core/errors.ts';
import { nameOf, s3Failure } from './errors.ts';

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly changedAt: number;
}

const MIB = 1024 * 1024;
/** Up to here a file goes in one request whose bytes can be sent again; a longer one goes in parts. */
const PART_BYTES = 8 * MIB;
const PARTS_MAX = 10_000; // https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
const PARTS_AT_ONCE = 3; // bounds memory: 24 MiB a file
const DELETE_BATCH = 1_000; // the limit of DeleteObjects

/** One bucket, in the calls that a lake needs. Every failure is one of ours and names its object. */
export class Bucket {
  readonly name: string;
  readonly #client: S3Client;

  constructor(client: S3Client, name: string) {
    this.#client = client;
    this.name = name;
  }

  uri(key: string): string {
    return `s3://${this.name}/${key}`;
  }

  /** Every object whose key starts with the prefix, however many there are. End the prefix with `/` to mean a folder. */
  async *list(prefix: string): AsyncIterable<StoredObject> {
    try {
      for await (const page of paginateListObjectsV2(
        { client: this.#client },
        { Bucket: this.name, Prefix: prefix },
      )) {
        for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
          if (!Key.endsWith('/')) yield { key: Key, bytes: Size, changedAt: LastModified?.getTime() ?? 0 };
        }
      }
    } catch (error) {
      throw this.#failed(error, prefix);
    }
  }

  /** The addresses of all objects below an address of this bucket. */
  async *uris(below: string): AsyncIterable<string> {
    for await (const { key } of this.list(below.slice(this.uri('').length))) yield this.uri(key);
  }

  /** @returns undefined where there is none */
  async size(key: string): Promise<number | undefined> {
    try {
      const head = await this.#client.send(new HeadObjectCommand({ Bucket: this.name, Key: key }));
      return head.ContentLength;
    } catch (error) {
      if (nameOf(error) === 'NotFound') return undefined;
      throw this.#failed(error, key);
    }
  }

  /** @returns undefined where there is none */
  async text(key: string): Promise<string | undefined> {
    return (await this.bytes(key))?.toString('utf8');
  }

  /** The bytes of an object, or of a part of it: `bytes=-8`. @returns undefined where there is none */
  async bytes(key: string, range?: string): Promise<Buffer | undefined> {
    try {
      const { Body } = await this.#client.send(
        new GetObjectCommand({ Bucket: this.name, Key: key, ...(range ? { Range: range } : {}) }),
      );
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    } catch (error) {
      if (nameOf(error) === 'NoSuchKey') return undefined;
      throw this.#failed(error, key);
    }
  }

  /** Adds an object's bytes to the end of a local file, however many there are. @throws {TransientError} there is no such object */
  async download(key: string, path: string, signal: AbortSignal): Promise<void> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.name, Key: key }), {
        abortSignal: signal,
      });
      await pipeline(Body as Readable, createWriteStream(path, { flags: 'a' }), { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw this.#failed(error, key);
    }
  }

  /**
   * Writes an object only where there is none. An answer that was lost is settled by reading what is there.
   * @returns false when there is one with other content
   */
  async putOnce(key: string, text: string): Promise<boolean> {
    try {
      await this.#client.send(
        new PutObjectCommand({
          Bucket: this.name,
          Key: key,
          Body: text,
          ContentType: 'application/json',
          IfNoneMatch: '*',
          ChecksumAlgorithm: 'SHA256',
        }),
      );
      return true;
    } catch (error) {
      const there = await this.text(key).catch(() => undefined);
      if (there === text) return true;
      if (nameOf(error) === 'PreconditionFailed') return false;
      throw this.#failed(error, key);
    }
  }

  /** Uploads a file; S3 checks what arrives against a SHA-256 of the file, or of each part. A failed upload leaves no parts. */
  async upload(
    key: string,
    path: string,
    { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
  ): Promise<void> {
    try {
      if (bytes <= PART_BYTES) {
        const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64');
        await this.#client.send(
          new PutObjectCommand({ Bucket: this.name, Key: key, Body: await readFile(path), ChecksumSHA256 }),
        );
        return;
      }
      await new Upload({
        client: this.#client,
        params: { Bucket: this.name, Key: key, Body: createReadStream(path), ChecksumAlgorithm: 'SHA256' },
        partSize: Math.max(PART_BYTES, Math.ceil(bytes / PARTS_MAX)),
        queueSize: PARTS_AT_ONCE,
        leavePartsOnError: false,
      }).done();
    } catch (error) {
      throw this.#failed(error, key);
    }
  }

  /**
   * Copies an object within S3, which computes the SHA-256 of what it copied; no byte comes here. Up to 5 GiB.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
   * @returns the SHA-256 as lower-case hex
   */
  async copy(from: { readonly bucket: string; readonly key: string }, key: string): Promise<string> {
    try {
      const source = [from.bucket, ...from.key.split('/')].map(encodeURIComponent).join('/');
      const { CopyObjectResult } = await this.#client.send(
        new CopyObjectCommand({
          Bucket: this.name,
          Key: key,
          CopySource: source,
          ChecksumAlgorithm: 'SHA256',
        }),
      );
      const sha256 = CopyObjectResult?.ChecksumSHA256;
      if (!sha256) throw new TransientError(`${this.uri(key)}: S3 gave no SHA-256 of the copy. Try again.`);
      return Buffer.from(sha256, 'base64').toString('hex');
    } catch (error) {
      throw this.#failed(error, key);
    }
  }

  /** Removes objects; those that are gone already do not count as a failure. */
  async remove(keys: readonly string[]): Promise<void> {
    const [first] = keys;
    try {
      if (keys.length === 1 && first !== undefined) {
        await this.#client.send(new DeleteObjectCommand({ Bucket: this.name, Key: first }));
        return;
      }
      for (let at = 0; at < keys.length; at += DELETE_BATCH) {
        const Objects = keys.slice(at, at + DELETE_BATCH).map((Key) => ({ Key }));
        const { Errors = [] } = await this.#client.send(
          new DeleteObjectsCommand({ Bucket: this.name, Delete: { Objects, Quiet: true } }),
        );
        const [failed] = Errors;
        if (failed)
          throw Object.assign(new Error(failed.Message ?? ''), { name: failed.Code ?? 'InternalError' });
      }
    } catch (error) {
      throw this.#failed(error, first ?? '');
    }
  }

  /** Ends multipart uploads below the prefix that were begun before a moment: their parts are paid for, but seen by nobody. */
  async abortUploads(prefix: string, before = Infinity): Promise<number> {
    try {
      let ended = 0;
      let markers: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
      while (markers) {
        const page: Awaited<ReturnType<typeof this.uploads>> = await this.uploads(prefix, markers);
        for (const { Key, UploadId, Initiated } of page.uploads) {
          if ((Initiated?.getTime() ?? 0) >= before) continue;
          await this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.name, Key, UploadId }));
          ended++;
        }
        markers = page.next;
      }
      return ended;
    } catch (error) {
      throw nameOf(error) === 'NoSuchUpload'
        ? new TransientError(`${this.uri(prefix)}: an upload ended meanwhile. Try again.`, { cause: error })
        : this.#failed(error, prefix);
    }
  }

  async uploads(prefix: string, markers: { KeyMarker?: string; UploadIdMarker?: string } = {}) {
    const page = await this.#client.send(
      new ListMultipartUploadsCommand({ Bucket: this.name, Prefix: prefix, ...markers }),
    );
    const next =
      page.IsTruncated && page.NextKeyMarker
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker ?? '' }
        : undefined;
    return { uploads: page.Uploads ?? [], next };
  }

  #failed(error: unknown, key: string): Error {
    return s3Failure(error, this.name, this.uri(key));
  }
}
