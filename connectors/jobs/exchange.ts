import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { awsError } from '../aws/errors.ts';
import { nameOf } from './containers.ts';
import type { ContainerJob, ContainerOutcome } from './port.ts';

type Named = Pick<ContainerJob, 'owner' | 'name' | 'token'>;

/** Where the input and the output of jobs lie on their way: `tasks/<owner>/<container>/` of the lake. */
export class Exchange {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(s3: S3Client, bucket: string, prefix: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#prefix = prefix && `${prefix.replace(/\/$/, '')}/`;
  }

  uri(job: Named, file: 'input' | 'output'): string {
    return `s3://${this.#bucket}/${this.#key(job, file)}`;
  }

  /** @param Metadata kept with it, for whoever finds it: ASCII */
  async putInput(
    job: Named & Pick<ContainerJob, 'input' | 'subject'>,
    Metadata: Record<string, string> = {},
  ): Promise<void> {
    const Key = this.#key(job, 'input');
    await this.#asked(`The input of ${job.subject}`, async () => {
      await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key, Body: job.input, Metadata }));
    });
  }

  /** What was kept with the inputs of an owner. */
  async inputs(owner: string): Promise<readonly Readonly<Record<string, string>>[]> {
    return this.#asked(`What the jobs of run ${owner} exchanged`, async () => {
      const found: Readonly<Record<string, string>>[] = [];
      const pages = paginateListObjectsV2(
        { client: this.#s3 },
        { Bucket: this.#bucket, Prefix: this.#folder(owner) },
      );
      for await (const { Contents = [] } of pages)
        for (const { Key = '' } of Contents)
          if (Key.endsWith('/input.json')) {
            const { Metadata = {} } = await this.#s3.send(
              new HeadObjectCommand({ Bucket: this.#bucket, Key }),
            );
            found.push(Metadata);
          }
      return found;
    });
  }

  /** What an attempt before has left as its output goes. */
  async clearOutput(job: Named & Pick<ContainerJob, 'subject'>): Promise<void> {
    await this.#clear(job, 'output');
  }

  async clearInput(job: Named & Pick<ContainerJob, 'subject'>): Promise<void> {
    await this.#clear(job, 'input');
  }

  async #clear(job: Named & Pick<ContainerJob, 'subject'>, file: 'input' | 'output'): Promise<void> {
    const Key = this.#key(job, file);
    await this.#asked(`The ${file} of ${job.subject}`, () =>
      this.#s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key })),
    );
  }

  /** @param limit bytes; of what is larger only the size is told */
  async output(
    job: Named & Pick<ContainerJob, 'subject'>,
    limit: number,
  ): Promise<ContainerOutcome['output']> {
    return this.#asked(`The output of ${job.subject}`, async () => {
      try {
        const {
          Body,
          Metadata,
          ContentLength = 0,
        } = await this.#s3.send(
          new GetObjectCommand({ Bucket: this.#bucket, Key: this.#key(job, 'output') }),
        );
        const bytes = Number(Metadata?.['bytes'] ?? ContentLength);
        const text = await Body?.transformToString('utf8');
        return { bytes, text: bytes > limit ? null : (text ?? null) };
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return null;
        throw error;
      }
    });
  }

  /** Removes what jobs of an owner exchanged. May be repeated. */
  async forget(owner: string): Promise<void> {
    await this.#asked(`What the jobs of run ${owner} exchanged`, async () => {
      const Prefix = this.#folder(owner);
      for (;;) {
        const { Contents = [], IsTruncated } = await this.#s3.send(
          new ListObjectsV2Command({ Bucket: this.#bucket, Prefix }),
        );
        const Objects = Contents.map(({ Key }) => ({ Key }));
        if (Objects.length)
          await this.#s3.send(
            new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }),
          );
        if (!IsTruncated) return;
      }
    });
  }

  #folder(owner: string): string {
    return `${this.#prefix}tasks/${owner}/`;
  }

  #key(job: Named, file: string): string {
    return `${this.#folder(job.owner)}${nameOf(job)}/${file}.json`;
  }

  async #asked<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw awsError(error, what);
    }
  }
}
