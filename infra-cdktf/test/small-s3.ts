import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface S3Request {
  readonly method: string;
  /** `<bucket>/<key>`. */
  readonly object: string;
  readonly ifNoneMatch: string | undefined;
  readonly encryption: string | undefined;
}

export interface SmallS3 {
  readonly endpoint: string;
  readonly requests: S3Request[];
  readonly objects: Map<string, string>;
  close(): void;
}

const whoAmI =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
  '<Arn>arn:aws:iam::111122223333:user/test</Arn><UserId>test</UserId><Account>111122223333</Account>' +
  '</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>';

/** As much of S3, and of the question who asks, as Terraform's backend needs: objects by path, conditional writes, an empty list. */
export async function smallS3(): Promise<SmallS3> {
  const objects = new Map<string, string>();
  const requests: S3Request[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString('utf8')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { endpoint, requests, objects, close: () => server.close() };

  function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://s3');
    const object = decodeURIComponent(pathname.slice(1));
    const { method = '', headers } = request;
    const say = (status: number, text = '', etag = '"1"'): void => {
      response.writeHead(status, { etag, 'content-length': Buffer.byteLength(text) });
      response.end(method === 'HEAD' ? undefined : text);
    };
    if (method === 'POST') return say(200, whoAmI);
    if (searchParams.has('list-type')) return say(200, '<ListBucketResult/>');
    requests.push({
      method,
      object,
      ifNoneMatch: headers['if-none-match'],
      encryption: headers['x-amz-server-side-encryption'] as string | undefined,
    });
    const there = objects.get(object);
    if (method === 'PUT') {
      if (headers['if-none-match'] === '*' && there !== undefined)
        return say(412, failure('PreconditionFailed'));
      objects.set(object, body);
      return say(200);
    }
    if (method === 'DELETE') {
      objects.delete(object);
      return say(204);
    }
    return there === undefined ? say(404, failure('NoSuchKey')) : say(200, there);
  }
}

function failure(code: string): string {
  return `<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
}
