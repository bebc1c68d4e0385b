import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everything } from '../connectors/warehouse/redshift/plan-fixture.ts';

const ROOT = join(import.meta.dirname, '..');
const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');

/** Services by the SDK package that calls them. */
const SERVICES: Readonly<Record<string, string>> = {
  'client-s3': 'S3',
  'client-glue': 'Glue',
  'client-ecs': 'ECS',
  'client-cloudwatch-logs': 'CloudWatch Logs',
  'client-secrets-manager': 'Secrets Manager',
  'client-ssm': 'SSM',
  'client-sns': 'SNS',
  'client-cloudwatch': 'CloudWatch',
  'client-redshift-data': 'Redshift Data',
};
/** What lib-storage's `Upload` calls of itself. */
const OF_UPLOAD = ['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload', 'AbortMultipartUpload'];

/** Every `service call` in the product's code, by what it imports from the SDK. */
function callsMade(): Set<string> {
  const calls = new Set<string>();
  for (const path of productFiles()) {
    const code = readFileSync(path, 'utf8');
    for (const [, names = '', library = ''] of code.matchAll(
      /import (?:type )?\{([^}]*)\} from '@aws-sdk\/([\w-]+)'/g,
    )) {
      if (library === 'lib-storage') for (const call of OF_UPLOAD) calls.add(`S3 ${call}`);
      const service = SERVICES[library] ?? library;
      for (const name of names.split(',').map((part) => part.trim().replace(/^type /, ''))) {
        const call = /^(\w+)Command$/.exec(name)?.[1] ?? /^(?:paginate|waitUntil)(\w+)$/.exec(name)?.[1];
        if (call) calls.add(`${service} ${call}`);
      }
    }
  }
  return calls;
}

function productFiles(): string[] {
  const folders = ['activities', 'cli', 'connectors', 'profiles', 'seed', 'worker', 'workflows'];
  return folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(folder, path),
      ),
    )
    .filter((path) => path.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(path))
    .map((path) => join(ROOT, path));
}

/** The kind of a statement: its first words, without names. */
function kindOf(sql: string): string {
  const alter = /^ALTER TABLE \S+ (\w+ COLUMN|RENAME TO)/.exec(sql)?.[1];
  if (alter) return `ALTER TABLE … ${alter}`;
  return /^(?:CREATE (?:TEMP )?|DROP )\w+|^\w+/.exec(sql)?.[0] ?? sql;
}

describe('the README', () => {
  it('lists every AWS call that the product makes, and no other', () => {
    const rows = [
      ...readme.matchAll(/^\| ([\w ]+?) +\| `(\w+)` +\| [^|]+\| (?:ours|versitygw|moto) +\| [^|]+\|$/gm),
    ];
    const listed = rows.map(([, service, call]) => `${service ?? ''} ${call ?? ''}`);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.toSorted()).toEqual([...callsMade()].toSorted());
  });

  it('lists every kind of SQL that is sent to Redshift, and no other', () => {
    const table = readme.slice(readme.indexOf('## Every kind of SQL'), readme.indexOf('dbt-redshift 1.11'));
    const listed = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, kind]) => kind ?? '');
    expect(listed.toSorted()).toEqual([...new Set(everything.map(kindOf))].toSorted());
  });

  it('names every folder', () => {
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    for (const { name } of folders) expect(readme).toContain(`\`${name}/\``);
  });
});
