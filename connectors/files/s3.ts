import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { awsError } from '../aws/errors.ts';
import { fixedPart, matcher } from '../../core/file-pattern.ts';

/** Objects of a bucket. @param pattern a key, in which names may hold `*` */
export async function* objectsOf(
  client: S3Client,
  bucket: string,
  pattern: string,
  signal: AbortSignal,
): AsyncIterable<string> {
  const fits = matcher(pattern);
  try {
    const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: fixedPart(pattern) });
    for await (const { Contents = [] } of pages) {
      signal.throwIfAborted();
      for (const { Key = '' } of Contents)
        if (!Key.endsWith('/') && fits.test(Key)) yield `s3://${bucket}/${Key}`;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw awsError(error, `Listing s3://${bucket}/${fixedPart(pattern)}`);
  }
}
