import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { extractJob } from './contract.ts';

/**
 * `tsx upload-spark.ts <scripts bucket>`: uploads what the Glue job runs, its script and its modules as a zip. Needs `python3` and
 * `aws`.
 */
const [bucket] = process.argv.slice(2);
if (bucket === undefined) throw new Error('usage: upload-spark.ts <scripts bucket>');
const repository = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'sluice-spark-'));
try {
  const name = basename(extractJob.modules, '.zip');
  cpSync(join(repository, dirname(extractJob.modules), name), join(folder, name), {
    recursive: true,
    filter: (path) => !path.includes('__pycache__') && (statSync(path).isDirectory() || path.endsWith('.py')),
  });
  const zip = join(folder, basename(extractJob.modules));
  execFileSync('python3', ['-m', 'zipfile', '-c', zip, name], { cwd: folder });
  // The modules first: a run that starts in between has the old script, which asks for nothing new.
  upload(zip, extractJob.modules);
  upload(join(repository, extractJob.script), extractJob.script);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function upload(file: string, key: string): void {
  execFileSync('aws', ['s3', 'cp', '--no-progress', file, `s3://${bucket}/${key}`], { stdio: 'inherit' });
}
