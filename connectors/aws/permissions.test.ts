import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { awsPermissions, optionalPermissions, type AwsPermissions } from './permissions.ts';

const permissions: readonly AwsPermissions<string>[] = [...awsPermissions, ...optionalPermissions];

const CONNECTORS = join(import.meta.dirname, '..');

interface ProductFile {
  readonly folder: string;
  readonly name: string;
  readonly text: string;
  /** Imported value -> the SDK's package that it comes from. */
  readonly values: ReadonlyMap<string, string>;
}

/** What runs in the worker: no tests, nor what only they import. */
const files = readdirSync(CONNECTORS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .filter((name) => !/\.(test|fixture)\.ts$|(^|[/-])(fixtures?|harness|conformance|bench)\b/.test(name))
  .map((name): ProductFile => {
    const text = readFileSync(join(CONNECTORS, name), 'utf8');
    return { folder: join('connectors', dirname(name)), name, text, values: valuesOfSdk(text) };
  });

function valuesOfSdk(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [, names = '', from = ''] of text.matchAll(/import \{([^}]*)\} from '(@aws-sdk\/[^']+)'/g)) {
    for (const name of names.split(',').map((each) => each.trim())) {
      if (name && !name.startsWith('type ')) values.set(name, from);
    }
  }
  return values;
}

/** `connectors/lake @aws-sdk/client-s3 GetObject` for each call that a file makes. */
function callsOf({ folder, text, values }: ProductFile): string[] {
  const used = [...text.matchAll(/\bnew (\w+)\(|\b(paginate\w+)\(/g)].map(
    (found) => found[1] ?? found[2] ?? '',
  );
  return used
    .filter((name) => values.has(name) && !name.endsWith('Client'))
    .map((name) => `${folder} ${values.get(name) ?? ''} ${name.replace(/^paginate|Command$/g, '')}`);
}

const made = [...new Set(files.flatMap(callsOf))].sort();
const known = permissions
  .flatMap(({ folder, client, calls }) => Object.keys(calls).map((call) => `${folder} ${client} ${call}`))
  .sort();

describe('the permissions of the AWS adapters', () => {
  it('has what every call needs', () => {
    expect(made.length).toBeGreaterThan(20);
    expect(made.filter((call) => !known.includes(call))).toEqual([]);
  });

  it('names no call that is not made', () => {
    expect(known.filter((call) => !made.includes(call))).toEqual([]);
  });

  it('sees every way to call AWS: clients, commands, paginators, uploads', () => {
    const others = files.flatMap(({ name, values }) =>
      [...values.keys()]
        .filter((value) => !/^(\w+Client|\w+Command|paginate\w+|Upload)$/.test(value))
        .map((value) => `${name}: ${value}`),
    );
    expect(others).toEqual([]);
    expect(
      files.filter(({ text }) => /import \* as \w+ from '@aws-sdk|import\('@aws-sdk/.test(text)),
    ).toEqual([]);
  });

  it('is what docs/aws.md says', () => {
    const page = readFileSync(join(CONNECTORS, '../docs/aws.md'), 'utf8');
    const actions = permissions.flatMap(({ calls }) =>
      Object.values(calls).flatMap((needs) => Object.keys(needs)),
    );
    expect(actions.filter((action) => !page.includes(`\`${action}\``))).toEqual([]);
  });

  it('names each action by its service, and the page that says so', () => {
    const actions = permissions.flatMap(({ calls }) =>
      Object.values(calls).flatMap((needs) => Object.keys(needs)),
    );
    expect(actions.filter((action) => !/^[a-z0-9-]+:[A-Z]\w+$/.test(action))).toEqual([]);
    expect(
      permissions.filter(({ sources }) => !sources.every((page) => page.startsWith('https://docs.aws.'))),
    ).toEqual([]);
  });
});
