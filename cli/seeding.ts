import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InvalidInput, TerminalError } from '../core/errors.ts';
import type { ConnectionSettings, Profile } from '../profiles/profile.ts';
import { checkSeed, type SeedOptions, type SeedReport } from '../seed/index.ts';
import { count, table } from './output.ts';

export interface SeedFlags {
  readonly orders?: string;
  readonly data?: string[];
  readonly shiftTo?: string;
}

/** What the flags of `seed` and `demo` ask for. @throws {InvalidInput} with every problem, before anything is started */
export async function seedOptions(
  { orders, data, shiftTo }: SeedFlags,
  checked: (options: SeedOptions) => Promise<void> = checkSeed,
): Promise<SeedOptions> {
  const problems: string[] = [];
  const check = (flag: string, options: SeedOptions) =>
    checked(options).catch((error: unknown) => {
      if (!(error instanceof TerminalError)) throw error;
      const found = error instanceof InvalidInput ? error.problems : [error.message];
      problems.push(...found.map((problem) => `${flag}: ${problem}`));
    });
  if (orders !== undefined && data)
    problems.push('--orders and --data exclude each other: generate rows, or load them.');
  if (orders !== undefined && !/^[1-9]\d{0,15}$/.test(orders))
    problems.push(`--orders: '${orders}' is no number of orders.`);
  else if (orders !== undefined) await check('--orders', { orders: Number(orders) });
  const places = data?.map((path) => resolve(path));
  for (const place of places ?? []) await check('--data', { data: [place] });
  if (shiftTo !== undefined) await check('--shift-to', { shiftTo });
  if (problems.length) throw new InvalidInput('The command line', problems);
  return {
    ...(orders === undefined ? {} : { orders: Number(orders) }),
    ...(places ? { data: places } : {}),
    ...(shiftTo === undefined ? {} : { shiftTo }),
  };
}

/** A connection of the profile. @throws {TerminalError} it has none of that name */
export function connectionOf(profile: Profile, connection: string): ConnectionSettings {
  const settings = profile.connections[connection];
  if (settings) return settings;
  throw new TerminalError(
    `The profile has no connection '${connection}'. It has: ${Object.keys(profile.connections).join(', ')}. Add it under 'connections'.`,
  );
}

/** The address of a PostgreSQL source of the profile, for those who fill it. */
export function sourceAddress(profile: Profile, connection: string): string {
  const settings = connectionOf(profile, connection);
  if (settings.type === 'files')
    throw new TerminalError(`Connection '${connection}' is of files; this fills a database. Name another.`);
  const address = new URL(`postgres://${settings.host}:${settings.port}/${settings.database}`);
  address.username = settings.user;
  address.password = settings.password;
  return address.href;
}

export function seedText(report: SeedReport<string>): string {
  const rows = Object.entries(report.inserted).map(([name, rows]) => [
    name,
    count(rows),
    count(report.updated[name] ?? 0),
  ]);
  const empty = report.empty.map((each) => `empty: ${each.table}`);
  return [
    table(['table', 'inserted', 'updated'], rows, [1, 2]),
    ...empty,
    `newest order: ${report.newestPurchase ?? 'none'}`,
  ].join('\n');
}

/** Remembers in the home folder what the source of the demo holds, so that a demo fills it once, and never over something else. */
export class SeedMemory {
  readonly #file: string;

  constructor(home: string) {
    this.#file = join(home, 'seed.sha256');
  }

  get isFilled(): boolean {
    return existsSync(this.#file);
  }

  /** Whether it holds what these options give, and nothing has been changed since. */
  isFilledWith(options: SeedOptions): boolean {
    return this.isFilled && readFileSync(this.#file, 'utf8') === digest(options);
  }

  /** @param options absent: rows of another origin, or changed ones */
  remember(options?: SeedOptions): void {
    writeFileSync(this.#file, options ? digest(options) : 'other rows');
  }
}

/** Of the home of a demo of its own: the same data, the same home. */
export function demoFolder(options: SeedOptions): string {
  return `demo-${digest(options).slice(0, 8)}`;
}

function digest({ orders, seed, data, shiftTo }: SeedOptions): string {
  return createHash('sha256')
    .update(JSON.stringify([orders, seed, data, shiftTo]))
    .digest('hex');
}
