import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Unreachable, messageOf } from '../../core/errors.ts';
import type { Place } from './place.ts';
import { contentTypeOf, isImmutable } from '../../core/dashboards/served.ts';

const MOST_TURNS = 20;
/** Somebody else has written the object since it was read, or is about to. */
const OTHERS = ['PreconditionFailed', 'ConditionalRequestConflict'];

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
    return (await this.#get(path))?.bytes;
  }

  async #get(path: string): Promise<{ bytes: Uint8Array; tag: string | undefined } | undefined> {
    try {
      const { Body, ETag } = await this.#client.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + path }),
      );
      return Body && { bytes: await Body.transformToByteArray(), tag: ETag };
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw this.#away(error, 'read', path);
    }
  }

  async write(path: string, text: string): Promise<void> {
    await this.#put(path, text, {});
  }

  async remove(path: string): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + path }));
    } catch (error) {
      throw this.#away(error, 'removed', path);
    }
  }

  async change(path: string, by: (before: string | undefined) => string): Promise<string> {
    for (let turn = 1; ; turn += 1) {
      const found = await this.#get(path);
      const before = found && Buffer.from(found.bytes).toString('utf8');
      const after = by(before);
      if (after === before) return after;
      const condition = found ? { IfMatch: found.tag } : { IfNoneMatch: '*' };
      if (await this.#put(path, after, condition)) return after;
      if (turn === MOST_TURNS)
        throw new Unreachable(`${this.name}${path} was changed by others ${MOST_TURNS} times while it was.`);
      await delay(Math.random() * Math.min(300, 20 * 2 ** turn));
    }
  }

  /** @returns whether the condition held */
  async #put(
    path: string,
    text: string,
    condition: Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>,
  ): Promise<boolean> {
    try {
      await this.#client.send(
        new PutObjectCommand({
          ...condition,
          Bucket: this.#bucket,
          Key: this.#prefix + path,
          Body: text,
          ContentType: contentTypeOf(path),
          CacheControl: isImmutable(path) ? 'max-age=31536000, immutable' : 'no-cache',
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof Error && OTHERS.includes(error.name)) return false;
      throw this.#away(error, 'written', path);
    }
  }

  #away(error: unknown, done: string, path: string): Unreachable {
    return new Unreachable(
      `${this.name}${path} could not be ${done}: ${messageOf(error)}. Check the bucket, and that the role may s3:GetObject, s3:PutObject and s3:DeleteObject there.`,
      { cause: error },
    );
  }
}
