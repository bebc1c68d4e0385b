import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Runs `stacks.mjs` with a `terraform` that writes down how it was called and fails where told to. */
function stacks(args: readonly string[], failAt = 'nowhere'): { status: number | null; calls: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-stacks-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const log = join(folder, 'calls');
  writeFileSync(log, '');
  writeFileSync(
    join(folder, 'terraform'),
    `#!/bin/sh\necho "$*" >> ${log}\ncase "$*" in *"${failAt}"*) exit 1;; esac\n`,
  );
  chmodSync(join(folder, 'terraform'), 0o755);
  const { status } = spawnSync(process.execPath, ['stacks.mjs', ...args], {
    cwd: root,
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
  });
  const calls = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.includes(' init '));
  return { status, calls: calls.map((call) => call.replace(/^-chdir=.*\/stacks\//, '')) };
}

const kinds = (calls: readonly string[]): string[] =>
  calls.map((call) => call.split(' ')[0]?.replace('sluice-dev-', '') ?? '');

describe('stacks.mjs', () => {
  it('applies the stacks of one environment, each after those that it reads from', () => {
    const { status, calls } = stacks(['apply', 'dev', '--var', 'worker_image_tag=abc']);
    const order = kinds(calls);
    expect(status).toBe(0);
    expect(order).toHaveLength(10);
    for (const [first, second] of [
      ['storage', 'network'],
      ['network', 'control-database'],
      ['control-database', 'sources'],
      ['sources', 'ingestion'],
      ['warehouse', 'orchestration'],
      ['orchestration', 'observability'],
    ] as const) {
      expect(order.indexOf(first)).toBeLessThan(order.indexOf(second));
    }
  });

  it('gives a variable only to the stack that asks for it', () => {
    const { calls } = stacks(['apply', 'dev', '--var', 'worker_image_tag=abc']);
    expect(
      calls.filter((call) => call.includes('-var=worker_image_tag=abc')).map((call) => call.split(' ')[0]),
    ).toEqual(['sluice-dev-orchestration']);
  });

  it('destroys backwards', () => {
    const forward = kinds(stacks(['apply', 'dev']).calls);
    expect(kinds(stacks(['destroy', 'dev']).calls)).toEqual(forward.reverse());
  });

  it('stops applying at the first failure', () => {
    const { status, calls } = stacks(['apply', 'dev'], 'sluice-dev-network apply');
    expect(status).toBe(1);
    expect(kinds(calls).at(-1)).toBe('network');
    expect(kinds(calls)).not.toContain('control-database');
  });

  it('goes on checking for drift after a difference, and fails in the end', () => {
    const { status, calls } = stacks(['drift', 'dev'], 'sluice-dev-network plan');
    expect(status).toBe(1);
    expect(calls).toHaveLength(10);
  });

  it.each([
    [[]],
    [['apply']],
    [['explode', 'dev']],
    [['apply', 'nowhere']],
    [['apply', 'dev', '--stack', 'nothing']],
  ])('refuses %j', (args) => {
    expect(stacks(args)).toEqual({ status: 2, calls: [] });
  });
});
