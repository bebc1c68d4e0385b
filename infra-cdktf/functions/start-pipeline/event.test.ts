import { expect, it } from 'vitest';
import { startOf, type ObjectCreated } from './event.ts';

const created = (key: string, etag = 'e1'): ObjectCreated => ({
  detail: { bucket: { name: 'bronze' }, object: { key, etag } },
});

it('takes the pipeline from the folder and hands the file over', () => {
  expect(startOf(created('landing/user_behaviour/2018/day.csv'))).toMatchObject({
    pipeline: 'user_behaviour',
    file: 's3://bronze/landing/user_behaviour/2018/day.csv',
  });
});

it('gives a file that is announced twice the same workflow id', () => {
  expect(startOf(created('landing/a/x.csv')).workflowId).toBe(startOf(created('landing/a/x.csv')).workflowId);
});

it('gives a file that was written again another workflow id', () => {
  expect(startOf(created('landing/a/x.csv', 'e2')).workflowId).not.toBe(
    startOf(created('landing/a/x.csv')).workflowId,
  );
});

it.each(['landing/x.csv', 'landing/a/', 'bronze/a/x.csv', 'landing/A b/x.csv'])('refuses %s', (key) => {
  expect(() => startOf(created(key))).toThrow(/is not landing\/<pipeline>\/<file>/);
});
