import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractJob } from '../contract.ts';

const root = join(import.meta.dirname, '..');
const spark = join(root, '../spark');
const folder = mkdtempSync(join(tmpdir(), 'sluice-upload-'));
const uploaded = join(folder, 'uploaded');

/** Stands where `aws s3 cp --no-progress <file> s3://<bucket>/<key>` would run: copies to a folder. */
const aws = `#!/bin/sh
set -e
target="${uploaded}/\${5#s3://}"
mkdir -p "$(dirname "$target")"
cp "$4" "$target"
`;

beforeAll(() => {
  writeFileSync(join(folder, 'aws'), aws);
  chmodSync(join(folder, 'aws'), 0o755);
  execFileSync(process.execPath, ['--import', 'tsx', 'upload-spark.ts', 'scripts-bucket'], {
    cwd: root,
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('upload-spark.ts', () => {
  const zip = join(uploaded, 'scripts-bucket', extractJob.modules);
  const python = (code: string): string =>
    execFileSync('python3', ['-B', '-I', '-c', code, zip], { encoding: 'utf8' }).trim();

  it('uploads script and modules under the keys that the job names, and nothing else', () => {
    const keys = readdirSync(join(uploaded, 'scripts-bucket'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(join(uploaded, 'scripts-bucket/').length));
    expect(keys.sort()).toEqual([extractJob.script, extractJob.modules].sort());
    expect(readFileSync(join(uploaded, 'scripts-bucket', extractJob.script), 'utf8')).toBe(
      readFileSync(join(spark, 'extract_jdbc.py'), 'utf8'),
    );
  });

  it('packs every module, no tests and no compiled leftovers', () => {
    const packed = python('import sys, zipfile; print("\\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))');
    const modules = readdirSync(join(spark, 'sluice_jdbc')).filter((name) => name.endsWith('.py'));
    expect(modules.length).toBeGreaterThan(10);
    expect(
      packed
        .split('\n')
        .filter((name) => !name.endsWith('/'))
        .sort(),
    ).toEqual(modules.map((name) => `sluice_jdbc/${name}`).sort());
  });

  it('makes a zip that Python imports from, as Glue does', () => {
    const code =
      'import sys; sys.path.insert(0, sys.argv[1]); import sluice_jdbc.sql as m; print(m.__file__)';
    expect(python(code)).toBe(`${zip}/sluice_jdbc/sql.py`);
  });
});
