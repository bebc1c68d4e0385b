import { EmailNotify } from './email.ts';

// Sends one mail by the server that is named, and says what came of it: whom a process trusts is settled when it starts.
const [, , server = ''] = process.argv;
const notify = new EmailNotify({ server, from: 'sluice@example.com', to: 'anna@example.com' });
try {
  await notify.send({
    kind: 'approval',
    pipeline: 'shop',
    interval: { start: '2018-08-01T00:00:00Z', end: '2018-08-02T00:00:00Z' },
    runId: 'r-1',
    workflowId: 'shop-2018-08-02T00:00:00Z',
    step: 'release',
    question: 'Are the numbers right?',
  });
  process.stdout.write('sent');
} catch (error) {
  process.stdout.write(String(error));
}
