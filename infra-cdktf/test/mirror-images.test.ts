import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { images, mirrorTag, sourceOf, type ImageName } from '../constructs/images.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-mirror-'));
const there = mirrorTag('ui');

/** A `docker` that writes down its arguments, and to whose registry one image was copied before. */
const docker = `#!/bin/sh
echo "$*" >> ${folder}/calls
case "$*" in *manifest*${there}*) exit 0;; *manifest*) exit 1;; esac
`;

beforeAll(() => {
  writeFileSync(join(folder, 'docker'), docker);
  chmodSync(join(folder, 'docker'), 0o755);
  execFileSync(process.execPath, ['--import', 'tsx', 'mirror-images.ts', 'registry/mirror'], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('mirror-images.ts', () => {
  it('copies every public image that is not there yet, under the tag that tasks start', () => {
    const copied = readFileSync(join(folder, 'calls'), 'utf8')
      .split('\n')
      .filter((call) => call.startsWith('buildx'));
    const wanted = (Object.keys(images) as ImageName[])
      .filter((name) => mirrorTag(name) !== there)
      .map((name) => `buildx imagetools create --tag registry/mirror:${mirrorTag(name)} ${sourceOf(name)}`);
    expect(copied).toEqual(wanted);
  });

  it('copies the very bytes that were pinned, and only of the version that was', () => {
    const digests = { [images.server]: `sha256:${'0'.repeat(64)}`, 'temporalio/ui:2.0.0': 'sha256:1' };
    expect(sourceOf('server', digests)).toBe(`${images.server}@sha256:${'0'.repeat(64)}`);
    expect(sourceOf('ui', digests)).toBe(images.ui);
  });

  it('names each copy after its version', () => {
    expect(Object.keys(images).map((name) => mirrorTag(name as ImageName))).toEqual(
      expect.arrayContaining(['server-1.31.2', 'door-2023-minimal']),
    );
  });
});
