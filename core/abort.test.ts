import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { orAborted, timeLimit } from './abort.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('a time limit that nothing else holds ends what it limits, whatever was collected meanwhile', async () => {
  const limited = (signal: AbortSignal) =>
    orAborted(new Promise(() => undefined), AbortSignal.any([signal, timeLimit(500)]));
  const ended = expect(limited(new AbortController().signal)).rejects.toMatchObject({ name: 'TimeoutError' });
  for (let i = 0; i < 5; i += 1) {
    await delay(20);
    collectGarbage();
  }
  await ended;
});
