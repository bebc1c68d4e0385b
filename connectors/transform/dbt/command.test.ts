import { expect, it } from 'vitest';
import { buildArguments } from './command.ts';

const build = {
  request: { pipeline: 'shop', select: 'tag:shop', runId: 'r', variables: {}, resume: false },
  projectDir: '/p',
  targetPath: '/t',
  target: 'duckdb',
  threads: undefined,
  resumeFrom: undefined,
};

it('leaves the number of threads to profiles.yml, where the profile names none', () => {
  expect(buildArguments(build)).not.toContain('--threads');
  const given = buildArguments({ ...build, threads: 8 });
  expect(given[given.indexOf('--threads') + 1]).toBe('8');
});
