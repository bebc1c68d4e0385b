import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { addCommands, commands } from '../../cli/commands/index.ts';
import { expectRefusal, sluice } from './cli.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-usage-'));
chmodSync(home, 0o755); // started by root, PostgreSQL runs as a user of its own
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }));

const REFUSALS: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly says: readonly (string | RegExp)[];
}[] = [
  {
    name: 'a pipeline that is not in the registry',
    args: ['run', 'olst'],
    says: [`Pipeline 'olst' is not in the registry`, /Known pipelines: .*\bolist\b/, 'correct the name'],
  },
  {
    name: 'a table that the pipeline does not have',
    args: ['run', 'olist', '--table', 'order'],
    says: [`Pipeline 'olist' has no table 'order'`, 'orders', 'Correct the name'],
  },
  {
    name: 'an interval that ends before it starts',
    args: ['run', 'olist', '--interval', '2018-08-02/2018-08-01'],
    says: ['2018-08-02Z/2018-08-01Z', 'ends before or where it starts', 'give the end as the day after'],
  },
  {
    name: 'an interval that is not on the cadence',
    args: ['run', 'olist', '--interval', '2018-08-01T03:00:00Z'],
    says: ['2018-08-01T03:00:00Z is not on the cadence', 'nearest bounds', '2018-08-01T00:00:00Z'],
  },
  {
    name: 'an interval in the future',
    args: ['run', 'olist', '--interval', '2999-01-01'],
    says: ['2999-01-01', 'ends in the future', 'Ask for one that has ended'],
  },
  {
    name: 'an interval that is no date',
    args: ['run', 'olist', '--interval', 'yesterday'],
    says: [`'yesterday' is not a date`, 'write it like 2018-08-01'],
  },
  {
    name: 'an interval in a year that there is none of',
    args: ['run', 'olist', '--interval', '0000-01-01/0001-01-01'],
    says: [`'0000-01-01' is in the year 0`, 'begin at 0001'],
  },
  {
    name: 'a step that there is none of',
    args: ['run', 'olist', '--from-step', 'the beginning'],
    says: [
      `'the beginning' is no step of the run`,
      ' extract, load, transform, check, publish',
      'extract:orders',
      '… (',
    ],
  },
  {
    name: 'a backfill over a reversed range',
    args: ['backfill', 'olist', '--from', '2018-08-08', '--to', '2018-08-01'],
    says: ['2018-08-08Z/2018-08-01Z', 'ends before or where it starts'],
  },
  {
    name: 'a backfill into the future',
    args: ['backfill', 'olist', '--from', '2018-08-01', '--to', '2999-01-01'],
    says: ['ends in the future', '2018-08-01Z/2999-01-01Z'],
  },
  {
    name: 'a backfill of a table that the pipeline does not have',
    args: ['backfill', 'olist', '--from', '2018-08-01', '--to', '2018-08-02', '--table', 'order'],
    says: [`Pipeline 'olist' has no table 'order'`, 'orders'],
  },
  {
    name: 'a backfill off the cadence',
    args: ['backfill', 'olist', '--from', '2018-08-01T01:00', '--to', '2018-08-02'],
    says: ['its start 2018-08-01T01:00:00Z is not on the cadence', 'nearest bounds'],
  },
  {
    name: 'a backfill with three mistakes, all of them named',
    args: [
      ...['backfill', 'olist', '--from', '2018-08-01', '--to', '2018-08-02'],
      ...['-c', '0', '--reprocess', 'some', '--transform', 'never'],
    ],
    says: ['3 problems', 'concurrency', 'reprocess', 'transform'],
  },
  {
    name: 'parameters that are none, all of them named',
    args: [
      'run',
      'olist',
      ...['noequals', '=v', 'a b=1', 'x=1', 'X=2', 'x=3'].flatMap((pair) => ['--param', pair]),
    ],
    says: [
      ...['5 problems', `'noequals' is no name=value`, `'=v' is no name=value`, `'x' is given twice`],
      ...[`"a b" is no name for a variable`, `'x' and 'X' differ in case alone`],
    ],
  },
  ...['abc', 'NaN', '2.5', '-1'].map((number) => ({
    name: `${number} runs at a time`,
    args: ['backfill', 'olist', '--from', '2018-08-01', '--to', '2018-08-02', '--concurrency', number],
    says: ['concurrency: must be a whole number from 1 to 50.'],
  })),
  {
    name: 'a limit below one',
    args: ['sql', '--limit', '-1', 'select 1'],
    says: [`'-n, --limit <rows>' argument '-1' is invalid. It must be a whole number from 1.`],
  },
  { name: 'a command that there is none of', args: ['rum'], says: [`unknown command 'rum'`] },
  { name: 'a missing argument', args: ['run'], says: [`missing required argument 'pipeline'`] },
  {
    name: 'a status of an unknown pipeline',
    args: ['status', 'olst'],
    says: [`Pipeline 'olst' is not in the registry`],
  },
  {
    name: 'a profile that there is none of',
    args: ['validate', '--profile', 'embeded'],
    says: [`Profile 'embeded'`, 'cannot be read', '--profile embedded'],
  },
];

describe('a wrong command line', { timeout: 120_000 }, () => {
  it.concurrent.each(REFUSALS)(
    'is refused with the reason and the way out: $name',
    async ({ args, says }) => {
      expectRefusal(await sluice(args, { SLUICE_HOME: home }), 2, says);
    },
  );

  const nothing = mkdtempSync(join(tmpdir(), 'sluice-nothing-'));
  afterAll(() => rmSync(nothing, { recursive: true, force: true }));

  it.concurrent.each([
    { args: ['run', 'olist', '--table', 'order'], says: [`no table 'order'`] },
    { args: ['demo', '--shift-to', 'nonsense'], says: [`--shift-to: 'nonsense' is not a date`] },
    { args: ['demo', '--shift-to', '2026-01-01T10:00'], says: ['--shift-to:', 'has a time of day'] },
    {
      args: ['demo', '--data', nothing],
      says: [`--data: Data place '${nothing}' has none of the Olist tables`],
    },
    {
      args: ['demo', '--orders', '99999999'],
      says: ['--orders: orders is 99999999; give a whole number from 1 to'],
    },
    {
      args: ['seed', '--orders', 'x', '--shift-to', 'y', '--data', join(nothing, 'z')],
      says: ['4 problems', `--orders: 'x' is`, `--shift-to: 'y' is`, 'ENOENT', 'exclude each other'],
    },
    {
      args: ['seed', '--advance', '1d', '--shift-to', '2026-01-01'],
      says: ['--advance and --shift-to exclude'],
    },
    { args: ['seed', '--advance', '400d'], says: ['400 is not a whole number from 1 to 366'] },
    { args: ['seed', '--advance', 'soon'], says: [`--advance: 'soon' is not like`] },
    { args: ['pause', 'olst'], says: [`Pipeline 'olst' is not in the registry`] },
    { args: ['resume', 'olst'], says: [`Pipeline 'olst' is not in the registry`] },
    { args: ['lake', 'gc', '--older-than', 'soon'], says: [`--older-than: 'soon' is not like '15 minutes'`] },
    { args: ['rerun'], says: [`name a run ('sluice runs' lists them), or --failed`] },
    { args: ['rerun', '--failed'], says: ['name the span by --from and --to'] },
    { args: ['rerun', 'x', '--failed', '--from', '2018-01-01'], says: [`leave out 'x'`] },
    { args: ['rerun', 'x', '--to', '2018-01-01'], says: ['--to: goes with --failed alone'] },
    { args: ['lake', 'ls', 'olist', 'order'], says: [`no table 'order'`] },
    { args: ['validate', '--profile', 'embeded'], says: [`Profile 'embeded'`] },
    {
      args: ['backfill', 'olist', '--from', '0001-01-01', '--to', '2018-01-01'],
      says: ['more than 100000 intervals'],
    },
  ])('is refused before anything is started or written: $args', async ({ args, says }) => {
    const untouched = join(nothing, `home-${args.join('-').replaceAll('/', '_')}`);
    expectRefusal(await sluice(args, { SLUICE_HOME: untouched }), 2, says);
    expect(existsSync(untouched)).toBe(false);
  });

  it('of a connection that there is none of is refused before anything is started', async () => {
    const untouched = join(home, 'untouched');
    const said = await sluice(['seed', '--connection', 'olst'], { SLUICE_HOME: untouched });
    expectRefusal(said, 1, [`no connection 'olst'`, 'It has: olist']);
    expect(existsSync(untouched)).toBe(false);
  });
});

const all: string[][] = [];
for (const { usage, load } of commands) {
  const command = new Command(usage.split(' ')[0]);
  (await load())(command);
  const inner = command.commands.map((each) => [command.name(), each.name()]);
  all.push(...(inner.length ? inner : [[command.name()]]));
}

describe('--help', () => {
  it.each(all.map((path) => ({ path })))('shows $path in use', async ({ path }) => {
    const { text, exitCode } = await helpOf(path);
    expect(exitCode).toBe(0);
    expect(text).toMatch(/Usage: sluice/);
    expect(text).toMatch(/\nExamples?:\n {2}\$ (SLUICE_HOME=\S+ )?(sluice|npm run) \w/);
  });

  it('of the program itself lists every command, and exits 0', async () => {
    const { code, out } = await sluice(['--help']);
    expect(code).toBe(0);
    for (const [name] of all) expect(out).toContain(`\n  ${name ?? ''}`);
  });
});

describe('completion', () => {
  it('of bash gives commands, then the options of one', async () => {
    const { out, code } = await sluice(['completion', 'bash']);
    expect(code).toBe(0);
    const completed = (...words: string[]) => {
      const line = ['sluice', ...words].map((word) => `'${word}'`).join(' ');
      const script = `${out}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _sluice; echo "\${COMPREPLY[*]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split(' ');
    };
    expect(completed('backf')).toEqual(['backfill', 'backfills']);
    expect(completed('backfill', '--re')).toEqual(['--reprocess']);
    expect(completed('lake', '')).toContain('gc');
    expect(completed('run', '--prof')).toEqual(['--profile']);
  });

  it('is there for zsh and fish, and for no other', async () => {
    expect((await sluice(['completion', 'zsh'])).out).toContain('#compdef sluice');
    expect((await sluice(['completion', 'fish'])).out).toContain('-l reprocess');
    expectRefusal(await sluice(['completion', 'cmd']), 2, [`'cmd' is invalid`, 'bash, zsh, fish']);
  });
});

async function helpOf(path: readonly string[]): Promise<{ text: string; exitCode: number | undefined }> {
  const program = new Command('sluice');
  let text = '';
  addCommands(program);
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeOut: (part) => (text += part) });
  const end = await program
    .parseAsync([...path, '--help'], { from: 'user' })
    .catch((error: unknown) => error);
  return { text, exitCode: end instanceof CommanderError ? end.exitCode : undefined };
}
