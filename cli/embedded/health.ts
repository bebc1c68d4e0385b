import { get } from 'node:http';
import { text } from 'node:stream/consumers';

const ANSWER_TIMEOUT_MS = 5_000;

/** Whether this very process is healthy: whoever answers on its port says which process it is. */
export async function answersAs(pid: number, port: number): Promise<boolean> {
  try {
    const { healthy, pid: answering } = JSON.parse(await health(port)) as {
      healthy?: boolean;
      pid?: number;
    };
    return healthy === true && answering === pid;
  } catch {
    return false;
  }
}

function health(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({
      host: '127.0.0.1',
      port,
      path: '/healthz',
      agent: false,
      timeout: ANSWER_TIMEOUT_MS,
    });
    request.once('timeout', () => request.destroy(new Error('no answer')));
    request.once('error', reject);
    request.once('response', (answer) => void text(answer).then(resolve, reject));
  });
}
