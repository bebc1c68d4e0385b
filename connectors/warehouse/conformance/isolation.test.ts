import { expect, it } from 'vitest';
import { OwnTest } from './isolation.ts';

it('ends a test that has run out of time where it is, before the next one begins', async () => {
  const own = new OwnTest();
  const done: string[] = [];
  let finish = () => {};
  const write = (what: string) =>
    new Promise<void>((resolve) => {
      finish = () => {
        done.push(what);
        resolve();
      };
    });
  await own.begin();
  const late = (async () => {
    await own.run(() => write('first'));
    await own.guard({ write }).write('second');
  })();
  const next = own.begin().then(() => done.push('next'));
  finish();
  await next;
  await expect(late).rejects.toThrow(/run out of time/);
  expect(done).toEqual(['first', 'next']);
  const mine = own.guard({ write, size: 3 });
  const written = mine.write('mine');
  finish();
  await written;
  expect([mine.size, ...done]).toEqual([3, 'first', 'next', 'mine']);
});
