import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Unreachable, messageOf } from '../../core/errors.ts';
import type { Place } from './place.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
};

/** Objects below a prefix of a bucket. */
export class S3Place implements Place {
  readonly name: string;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  /** @param prefix empty, or with a slash behind it */
  constructor({ client, bucket, prefix }: { client: S3Client; bucket: string; prefix: string }) {
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.name = `s3://${bucket}/${prefix}`;
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      const { Body } = await this.#client.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + path }),
      );
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw this.#away(error, 'read', path);
    }
  }

  async write(path: string, text: string): Promise<void> {
    try {
      await this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: this.#prefix + path,
          Body: text,
          ContentType: TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
          CacheControl: /assets\/|\/[0-9a-f]{16}\//.test(path) ? 'max-age=31536000, immutable' : 'no-cache',
        }),
      );
    } catch (error) {
      throw this.#away(error, 'written', path);
    }
  }

  #away(error: unknown, done: string, path: string): Unreachable {
    return new Unreachable(
      `${this.name}${path} could not be ${done}: ${messageOf(error)}. Check the bucket, and that the role may s3:GetObject and s3:PutObject there.`,
      { cause: error },
    );
  }
}
