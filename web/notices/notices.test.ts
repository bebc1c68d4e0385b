import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRun, march, shop } from '../../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../../connectors/ledger/postgres/harness.ts';
import { noticesNow } from '../../operations/notices.ts';
import { receiversOf } from '../../profiles/profile.ts';
import { openPages, profile, type Pages } from '../pages.fixture.ts';

const own = useLedger('web_notices');
const watched = {
  ...profile,
  notify: [
    { type: 'webhook', url: 'https://hooks.example.com/a-secret', severity: 'warning' },
    {
      type: 'email',
      server: 'smtp://u:p@mail.example.com:587',
      from: 'a@b.c',
      to: ['data@example.com'],
      severity: 'error',
    },
    { type: 'sns', topicArn: 'arn:aws:sns:eu-central-1:1:alerts', pipelines: ['other'], severity: 'warning' },
  ],
} satisfies typeof profile;
const [webhook] = receiversOf(watched.notify);
let pages: Pages;

async function fail(): Promise<void> {
  const ledger = own.ledger();
  await ledger.openRun(aRun('broken', march(1)));
  await ledger.closeRun('broken', 'failed', 'it broke');
  await ledger.changeIncidents('shop', () => ({
    open: [{ kind: 'run-failed', subject: 'load:orders', upTo: march(1).end }],
    close: [],
    notices: [
      { kind: 'run-failed', pipeline: 'shop', interval: march(1), runId: 'broken', message: 'it broke' },
    ],
  }));
  const { id = 0 } = (await ledger.takeNotice(webhook?.name ?? '')) ?? {};
  await ledger.leaveNotice(id, webhook?.name ?? '');
}

describe('what is not over', () => {
  beforeAll(async () => {
    pages = await openPages(own.ledger(), new Map([['shop', shop]]));
  });
  afterAll(() => pages.serving.close());

  it('is told with who knows of it and who does not yet, by names that hold no secret', async () => {
    await fail();
    const { receivers, incidents } = await noticesNow(own.ledger(), watched);
    expect(receivers).toEqual(['webhook at hooks.example.com', 'data@example.com', 'topic alerts']);
    expect(incidents).toMatchObject([
      { pipeline: 'shop', told: [{ who: 'webhook at hooks.example.com' }], untold: ['data@example.com'] },
    ]);
    // One that the profile no longer names has been told all the same.
    const { incidents: later } = await noticesNow(own.ledger(), {
      ...watched,
      notify: watched.notify.slice(1),
    });
    expect(later[0]?.told[0]?.who).toMatch(/^webhook-[0-9a-f]{12} \(no longer in the profile\)$/);
  });

  it('is on its page, with questions that wait; where nobody is told, it says so', async () => {
    await fail();
    await own.ledger().openRun(aRun('asks', march(3)));
    await own.ledger().startStep('asks', 'task', 'release', 1, 'approval: Release it?');
    const html = await pages.text('/notices');
    expect(html).toContain('href="/runs/broken"');
    expect(html).toContain('load:orders');
    expect(html).toContain('Release it?');
    expect(html).toContain('nobody is told of anything');
    expect(await pages.text('/')).toContain('href="/notices"');
  });
});
