import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { s3ServerProgram, startS3Server } from '../../aws-local/s3/server.ts';
import { s3Client } from '../aws/s3-client.ts';
import { S3Place } from './s3.ts';
import { temporaryFolder } from '../../test/setup/folder.ts';

const keys = { accessKeyId: 'key', secretAccessKey: 'secret-key' };
const adding = (word: string) => (before: string | undefined) =>
  before?.split(' ').includes(word) ? before : [before ?? 'first', word].join(' ');

it.skipIf(!s3ServerProgram())(
  'a change of an object loses none that somebody else makes meanwhile',
  async () => {
    const server = await startS3Server({ folder: temporaryFolder('pages'), ...keys });
    const open = () =>
      s3Client({
        endpoint: server.endpoint,
        region: 'eu-central-1',
        pathStyle: true,
        credentials: keys,
      });
    const client = open();
    /** Somebody else writes before each of its first writes. */
    const slow = (others: string[]) => {
      const made = open();
      made.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            const other = commandName === 'PutObjectCommand' ? others.shift() : undefined;
            if (other !== undefined) await placeOf(client).change('list.txt', adding(other));
            return next(args);
          },
        { step: 'initialize' },
      );
      return placeOf(made);
    };
    const placeOf = (by: S3Client) => new S3Place({ client: by, bucket: 'pages', prefix: 'at/' });
    try {
      await client.send(new CreateBucketCommand({ Bucket: 'pages' }));
      expect(await slow(['b']).change('list.txt', adding('a'))).toBe('first b a');
      expect(await slow(['d', 'e']).change('list.txt', adding('c'))).toBe('first b a d e c');
      expect(await slow(['f']).change('list.txt', adding('c'))).toBe('first b a d e c');
      const always = Array.from({ length: 50 }, (_, n) => `n${n}`);
      await expect(slow(always).change('list.txt', adding('z'))).rejects.toThrow('was changed by others');
    } finally {
      client.destroy();
      await server.stop();
    }
  },
);
