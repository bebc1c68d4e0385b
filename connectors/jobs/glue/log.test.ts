import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { expect, it, onTestFinished } from 'vitest';
import { logTail } from './log.ts';

/** CloudWatch Logs with these streams in `/aws-glue/jobs/error`. */
async function logs(streams: Readonly<Record<string, string>>): Promise<CloudWatchLogsClient> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { logGroupName, logStreamName } = JSON.parse(body) as Record<string, string>;
      const message = logGroupName === '/aws-glue/jobs/error' ? streams[logStreamName ?? ''] : undefined;
      response.writeHead(message === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(
        JSON.stringify(
          message === undefined ? { __type: 'ResourceNotFoundException' } : { events: [{ message }] },
        ),
      );
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return new CloudWatchLogsClient({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}

it.each(['jr_1', 'jr_1-driver'])('reads the end of the log where its stream is %s', async (stream) => {
  const client = await logs({ [stream]: 'Boom: no such table\n   at java.lang.Thread.run' });
  expect(await logTail(client, '/aws-glue/jobs', 'jr_1')).toBe('Boom: no such table');
});

it('says in words that there is no log', async () => {
  expect(await logTail(await logs({}), '/aws-glue/jobs', 'jr_1')).toMatch(
    /log \/aws-glue\/jobs\/error, stream jr_1, cannot be read: ResourceNotFoundException/,
  );
});
