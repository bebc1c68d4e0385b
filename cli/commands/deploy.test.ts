import { expect, it } from 'vitest';
import { registry } from '../../pipelines/index.ts';
import type { Profile } from '../../profiles/profile.ts';
import { Output } from '../output.ts';
import { sayWhatIsLeftOut } from './deploy.ts';

/** What is said of a profile with these connections. */
function said(connections: object): string[] {
  const lines: string[] = [];
  const output = Object.assign(new Output(false), { progress: (line: string) => lines.push(line) });
  sayWhatIsLeftOut('own', { profile: { connections } as Profile }, output);
  return lines;
}

it('leaves out what has no source to read, and says what to do', () => {
  const all = Object.fromEntries(
    [...registry.values()].map(({ source = 'none' }) => [source, { type: 'postgres' }]),
  );
  expect(said(all)).toEqual([]);
  expect(said({ ...all, olist_mysql: undefined })).toEqual([
    "left out: olist_hourly: profile 'own' has no connection 'olist_mysql'. Add it, then deploy again.",
  ]);
  const mysql = { type: 'mysql', absent: 'Nobody has started it.', hint: 'Fill it.' };
  expect(said({ ...all, olist_mysql: mysql })).toEqual([
    'left out: olist_hourly: Nobody has started it. Fill it.',
  ]);
  expect(said({ ...all, olist_mysql: { ...mysql, absent: '' } })).toEqual([]);
});
