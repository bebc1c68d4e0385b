import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { motoProgram, startMoto, type MotoServer } from '../../aws-local/services/moto.ts';
import { howToGet } from '../../aws-local/services/tools.ts';
import type { Notice } from '../../core/notices/notice.ts';
import { SnsNotify } from './sns.ts';
import { WebhookNotify } from './webhook.ts';

const FAILED: Notice = {
  kind: 'run-failed',
  pipeline: 'olist',
  interval: { start: '2018-08-01T00:00:00Z', end: '2018-08-02T00:00:00Z' },
  runId: 'r-1',
  message: `Table 'orders' has a NULL key – fill it.`,
};
const STALE: Notice = {
  kind: 'stale',
  pipeline: 'olist',
  severity: 'error',
  limit: '4 days',
  loadedUpTo: null,
};

const missing = motoProgram() ? undefined : howToGet('moto (.tools/moto)');
if (missing) describe.skip(`SnsNotify NOT TESTED: ${missing}`, () => it('publishes', () => undefined));
else describe('SnsNotify', publishes);

function publishes(): void {
  let folder: string;
  let moto: MotoServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sns-'));
    moto = await startMoto(folder);
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_SNS: moto.endpoint,
    });
  });
  afterAll(async () => {
    await moto.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('publishes what failed and how to go on', async () => {
    const { TopicArn: topicArn = '' } = await new SNSClient().send(
      new CreateTopicCommand({ Name: 'alerts' }),
    );
    const notify = new SnsNotify({ topicArn });
    await notify.send(FAILED);
    await notify.send(STALE);
    const sent = await sentTo(moto.endpoint, topicArn);
    expect(sent).toHaveLength(2);
    expect(sent[0]).toContain('Failed: olist 2018-08-01Z/2018-08-02Z');
    expect(sent[0]).toMatch(/has a NULL key – fill it\.[^]*sluice rerun r-1/);
    expect(sent[1]).toMatch(
      /Not every table of it has been loaded yet; an error is due after 4 days[^]*Stale: olist/,
    );
  });

  it('names a topic that is not there', async () => {
    const notify = new SnsNotify({ topicArn: 'arn:aws:sns:eu-central-1:123456789012:none' });
    await expect(notify.send(FAILED)).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(/:none: there is no such topic/) as string,
    });
  });
}

/** Subject and message of what was published. https://docs.getmoto.org/en/latest/docs/services/sns.html */
async function sentTo(endpoint: string, topicArn: string): Promise<string[]> {
  const answer = await fetch(`${endpoint}/moto-api/data.json`);
  const data = (await answer.json()) as {
    sns: { Topic: { arn: string; sent_notifications: unknown[][] }[] };
  };
  const topic = data.sns.Topic.find(({ arn }) => arn === topicArn);
  return (topic?.sent_notifications ?? []).map((parts) => parts.map(String).join('\n'));
}

describe('WebhookNotify', () => {
  const serve = async (status: number) => {
    const received: unknown[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        received.push(JSON.parse(text));
        response.writeHead(status).end();
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`;
    return { url, received, close: () => server.close() };
  };

  it('posts text for people and fields for programs', async () => {
    const { url, received, close } = await serve(200);
    await new WebhookNotify({ url }).send(FAILED);
    expect(received).toEqual([{ text: expect.stringContaining('*Failed: olist') as string, notice: FAILED }]);
    close();
  });

  it('leaves nothing in a text that a chat takes for a mention, a link or markup', async () => {
    const { url, received, close } = await serve(200);
    const message = 'load <!channel> failed: a < b && <https://evil.example|see here>';
    await new WebhookNotify({ url }).send({ ...FAILED, message });
    const [{ text = '', notice } = {}] = received as { text?: string; notice?: unknown }[];
    expect(text).toContain(
      'load &lt;!channel&gt; failed: a &lt; b &amp;&amp; &lt;https://evil.example|see here&gt;',
    );
    expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
    expect(notice).toMatchObject({ message });
    close();
  });

  for (const [status, name] of [
    [404, 'TerminalError'],
    [429, 'TransientError'],
    [503, 'TransientError'],
  ] as const) {
    it(`calls an answer ${status} a ${name}, and does not show the address`, async () => {
      const { url, close } = await serve(status);
      const failure: unknown = await new WebhookNotify({ url }).send(STALE).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name });
      expect(String(failure)).not.toContain('secret-path');
      close();
    });
  }
});
