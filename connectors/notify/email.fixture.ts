import { EmailNotify } from './email.ts';
import { QUESTION } from './fixtures.ts';

// Sends one mail by the server that is named, and says what came of it: whom a process trusts is settled when it starts.
const [, , server = ''] = process.argv;
const notify = new EmailNotify({ server, from: 'sluice@example.com', to: 'anna@example.com' });
try {
  await notify.send(QUESTION);
  process.stdout.write('sent');
} catch (error) {
  process.stdout.write(String(error));
}
