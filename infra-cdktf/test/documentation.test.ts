import { text } from '../policy/resource.ts';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dev } from '../config/dev.ts';
import { environments } from '../config/index.ts';
import { deployCommand } from '../contract.ts';
import { flows } from '../stacks/network/flows.ts';
import { synthesizedSubject } from '../policy/subjects.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
const overview = read('infrastructure.md');
const operations = read('infrastructure-operations.md');
const deployed = JSON.stringify(synthesizedSubject(dev).resources);

/** Rows of the table below a heading, without its head. */
function table(page: string, heading: string): string[][] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('**', '')),
    );
}

const section = (heading: string): string => operations.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
const shell = (text: string): string[] =>
  [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, code]) => (code ?? '').replace(/^ {3}/gm, ''));

/** Runs shell code with an `aws` that writes down its arguments, one call a line, tab between arguments. */
function awsCalls(code: string): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-docs-'));
  try {
    const log = join(folder, 'calls');
    writeFileSync(log, '');
    const script = `#!/bin/sh\n{ for each in "$@"; do printf '%s\\t' "$each"; done; echo; } >> ${log}\necho answer\n`;
    writeFileSync(join(folder, 'aws'), script);
    chmodSync(join(folder, 'aws'), 0o755);
    const path = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
    const { status, stderr } = spawnSync('sh', ['-eu', '-c', code], {
      env: { PATH: path },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    return lines.map((line) => line.trim().split('\t'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('docs/infrastructure.md', () => {
  it('has the ports as they are open', () => {
    const open = new Map<string, string[]>();
    for (const { from, to, ports } of flows) {
      const key = `${to} ${[...new Set(ports)].join('-')}`;
      open.set(key, [...(open.get(key) ?? []), from].sort());
    }
    const written = table(overview, 'Ports').map(([to = '', ports = '', from = '']): [string, string[]] => [
      `${to} ${ports}`,
      from.split(', ').sort(),
    ]);
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(open));
  });

  it('adds its costs up, says what each assumes, and names the budgets', () => {
    const rows = table(overview, 'What it costs');
    const number = (cell = ''): number => Number(cell.replaceAll(',', ''));
    const [sum, ...lines] = [...rows].reverse();
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.filter((row) => !row[4])).toEqual([]);
    for (const column of [1, 2, 3])
      expect(lines.reduce((total, row) => total + number(row[column]), 0)).toBe(number(sum?.[column]));
    const budgets = environments.map(({ alerts }) => alerts.monthlyBudgetUsd.toLocaleString('en-US'));
    expect(sum?.[4]).toContain(budgets.join(', '));
    environments.forEach(({ alerts }, at) =>
      expect(number(sum?.[at + 1])).toBeLessThan(alerts.monthlyBudgetUsd),
    );
  });

  it('lists every stack', () => {
    const listed = table(overview, 'Stacks').map(([name = '']) => /`([\w-]+)`/.exec(name)?.[1]);
    const made = new Set(synthesizedSubject(dev).resources.map(({ stack }) => stack));
    expect(new Set(listed)).toEqual(made);
  });
});

describe('docs/infrastructure-operations.md', () => {
  it('makes a state bucket that the stacks find: versioned, private, encrypted, by TLS only', () => {
    const [code = ''] = shell(section('First deployment, from an empty account'));
    const calls = awsCalls(code);
    const { bucket, region } = dev.state;
    expect(calls.map(([, verb]) => verb)).toEqual([
      'create-bucket',
      'put-bucket-versioning',
      'put-public-access-block',
      'put-bucket-encryption',
      'put-bucket-policy',
    ]);
    for (const call of calls) expect(call.slice(0, 4)).toEqual(['s3api', call[1], '--bucket', bucket]);
    expect(calls[0]?.slice(4)).toEqual([
      '--region',
      region,
      '--create-bucket-configuration',
      `LocationConstraint=${region}`,
    ]);
    expect(calls[1]).toContain('Status=Enabled');
    expect(calls[2]?.[5]?.match(/=true/g)).toHaveLength(4);
    expect(JSON.parse(calls[3]?.[5] ?? '')).toMatchObject({ Rules: [{}] });
    const policy = JSON.parse(calls[4]?.[5] ?? '') as { Statement: { Effect: string; Resource: string[] }[] };
    expect(policy.Statement).toMatchObject([
      { Effect: 'Deny', Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`] },
    ]);
  });

  it('reaches the UI in two commands, through a service that has a door', () => {
    const [code = ''] = shell(section('Access: UI and databases, in two commands'));
    expect(code.trim().split('\n')).toHaveLength(2);
    const calls = awsCalls(code);
    expect(calls.map((call) => call.slice(0, 2).join(' '))).toEqual([
      'ecs list-tasks',
      'ecs describe-tasks',
      'ssm start-session',
    ]);
    expect(calls[2]).toContain('AWS-StartPortForwardingSession');
    expect(calls[2]).toContain('portNumber=8080,localPortNumber=8080');
    const ui = synthesizedSubject(dev).resources.find(({ id }) => id === 'ui-task');
    const containers = JSON.parse(text(ui?.values['container_definitions'])) as { name: string }[];
    expect(containers.map(({ name }) => name)).toContain('door');
    expect(code).toContain("[?name=='door']");
  });

  it('runs a command as a task of the worker, and finds its log', () => {
    const [, code = ''] = shell(section('Access: UI and databases, in two commands'));
    const calls = awsCalls(code);
    expect(calls.map((call) => call.slice(0, 2).join(' '))).toEqual([
      'ecs describe-services',
      'ecs run-task',
      'ecs wait',
      'logs get-log-events',
    ]);
    const overrides = calls[1]?.[calls[1].indexOf('--overrides') + 1] ?? '';
    const { containerOverrides } = JSON.parse(overrides) as {
      containerOverrides: { name: string; command: string[] }[];
    };
    expect(containerOverrides[0]?.name).toBe('worker');
    expect(containerOverrides[0]?.command.slice(0, 2)).toEqual(deployCommand.slice(0, 2));
    // The stream is prefix, container, task: constructs/container.ts.
    expect(calls[3]).toContain('worker/worker/answer');
    expect(calls[3]).toContain('/sluice/dev/worker');
  });

  it('names only what is there', () => {
    const names = operations.match(/\bsluice-dev-[a-z-]+[a-z]|\bsluice\/dev\/[\w-]+/g) ?? [];
    expect(names.length).toBeGreaterThan(6);
    expect(names.filter((name) => !deployed.includes(name))).toEqual([]);
    const files = operations.match(/`(?:config|stacks|constructs|test)\/[\w./-]+\.(?:ts|mjs)`/g) ?? [];
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) read(`../infra-cdktf/${file.replaceAll('`', '')}`);
  });

  it.each([
    'First deployment, from an empty account',
    'Access: UI and databases, in two commands',
    'Deployment, drift, approval',
    'Upgrades',
    'Disaster recovery',
    'Tear-down',
  ])('says how: %s', (heading) => {
    expect(section(heading).length).toBeGreaterThan(200);
  });
});
