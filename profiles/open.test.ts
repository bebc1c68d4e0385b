import { expect, it } from 'vitest';
import type { Secrets } from '../connectors/secrets/port.ts';
import { sourceOptions } from './sources.ts';
import { readProfile } from './read.ts';

/** Whatever a profile asks for. */
const anything: Secrets[] = ['env', 'file', 'aws-secret', 'aws-parameter'].map((scheme) => ({
  scheme,
  read: (name) =>
    Promise.resolve(/UI$/.test(name) ? 'http://h:1' : /METRICS|HEALTH|PAGES/.test(name) ? 'h:1' : '1'),
}));

it.each([
  ['embedded', 'V2'],
  ['compose', 'V2'],
  ['aws-local', 'V1'],
  ['aws', 'V1'],
])('profile %s extracts files that its warehouse reads: Parquet %s', async (name, version) => {
  expect(sourceOptions(await readProfile(name, anything), 'olist').parquetVersion).toBe(version);
});

it('names the connections that there are where one is missing', async () => {
  const profile = await readProfile('embedded', anything);
  expect(() => sourceOptions(profile, 'nowhere')).toThrow(/no connection 'nowhere'.*olist/);
});
