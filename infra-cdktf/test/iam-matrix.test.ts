import { describe, expect, it } from 'vitest';
import { environments } from '../config/index.ts';
import type { Environment } from '../config/environment.ts';
import { allows, statementsOfRole } from '../policy/iam.ts';
import { ofType, type Subject, text } from '../policy/resource.ts';
import { isResolved, resolvedSubject } from '../policy/subjects.ts';

/** Places in the lake, bronze in parts that belong to different workloads; and the jobs' scripts. */
const places = {
  tables: ['bronze', 'bronze/sales/orders/part-0.parquet'],
  changes: ['bronze', 'cdc/public/orders/LOAD1.parquet'],
  exports: ['bronze', 'exports/run-1/orders/part-0'],
  landing: ['bronze', 'landing/user_behaviour/day.csv'],
  extracts: ['bronze', 'extracts/run-1/orders/part-0.parquet'],
  tasks: ['bronze', 'tasks/olist-2018/score/input.json'],
  pages: ['pages', 'pages/olist-segments/index.html'],
  scripts: ['scripts', 'spark/extract_jdbc.py'],
  silver: ['silver', 'silver/orders/part-0.parquet'],
  gold: ['gold', 'gold/orders_obt/part-0.parquet'],
} as const;
type Place = keyof typeof places;
const keyOf = {
  bronze: 'raw',
  silver: 'curated',
  gold: 'curated',
  pages: 'curated',
  scripts: 'operations',
} as const;
type Access = Partial<Record<Place, string>>;

const everywhere = (verbs: string): Access =>
  Object.fromEntries(Object.keys(places).map((place) => [place, verbs]));
const inBronze = (verbs: string): Access => ({
  tables: verbs,
  changes: verbs,
  exports: verbs,
  landing: verbs,
  extracts: verbs,
  tasks: verbs,
});

/** r read, w write, d delete, l list. What is not here is denied; listing goes by bucket. */
const granted: Readonly<Record<string, Access>> = {
  worker: {
    ...inBronze('l'),
    tables: 'rwdl',
    extracts: 'rwdl',
    exports: 'rwdl',
    tasks: 'rwdl',
    pages: 'rwdl',
  },
  pages: { pages: 'rl' },
  tasks: { tasks: 'rw' },
  'glue-extract': { ...inBronze('l'), extracts: 'rwdl', scripts: 'rl' },
  'glue-crawler': { silver: 'rl', gold: 'rl' },
  'dms-s3': { ...inBronze('l'), changes: 'rwdl' },
  'rds-export': { exports: 'w' },
  'emr-job': { ...inBronze('rl'), silver: 'rwdl', gold: 'rwdl', scripts: 'rl' },
  'redshift-copy': { ...inBronze('l'), tables: 'rl' },
  metabase: { silver: 'rl', gold: 'rl' },
  'redshift-spectrum': { silver: 'rl', gold: 'rl' },
  // Sees which buckets there are, not what is in them.
  plan: everywhere('l'),
};

/** The deploy role puts scripts there, reads nothing, and empties what may be destroyed. */
const ofDeploy = (env: Environment): Access =>
  env.protection.deletionProtection
    ? { ...everywhere('l'), scripts: 'wl' }
    : { ...everywhere('dl'), scripts: 'wdl' };

/** Workloads that have no business in the lake. */
const withoutLake = [
  'flow-logs',
  'provision',
  'database-authority',
  'control-database-monitoring',
  'postgres-source-monitoring',
  'mysql-source-monitoring',
  'populate-mysql',
  'start-pipeline',
  'run-task',
  'rotate-secret',
  'pages-execution',
  'tasks-execution',
  'dms-secrets',
  'ui',
  'temporal-frontend',
  'temporal-history',
  'temporal-matching',
  'temporal-worker',
  'temporal-schema',
  'temporal-namespace',
  'worker-execution',
  'ui-execution',
  'temporal-frontend-execution',
  'temporal-history-execution',
  'temporal-matching-execution',
  'temporal-worker-execution',
  'temporal-schema-execution',
  'temporal-namespace-execution',
];
const ofMetabase = ['metabase-execution'];

function lettersOf(subject: Subject, role: string, place: Place): string {
  const env = subject.env;
  const found = ofType(subject, 'aws_iam_role').find(
    ({ values }) => values['name'] === `${env.project}-${env.name}-${role}`,
  );
  if (!found) throw new Error(`no role ${role}`);
  const statements = statementsOfRole(subject, found);
  const [layer, key] = places[place];
  const bucket = `arn:aws:s3:::${env.project}-${env.name}-${layer}-${env.account}-${env.region}`;
  const keyArn = `arn:aws:kms:${env.region}:${env.account}:key/${keyOf[layer]}-key`;
  const may = (action: string, arn: string, keyAction?: string): boolean =>
    allows(statements, action, arn) && (keyAction === undefined || allows(statements, keyAction, keyArn));
  return [
    may('s3:GetObject', `${bucket}/${key}`, 'kms:Decrypt') ? 'r' : '',
    may('s3:PutObject', `${bucket}/${key}`, 'kms:GenerateDataKey') ? 'w' : '',
    may('s3:DeleteObject', `${bucket}/${key}`) ? 'd' : '',
    may('s3:ListBucket', bucket) ? 'l' : '',
  ].join('');
}

function rolesOf(subject: Subject): string[] {
  const prefix = `${subject.env.project}-${subject.env.name}-`;
  return ofType(subject, 'aws_iam_role')
    .map(({ values }) => text(values['name']))
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
}

const expectedRoles = (env: Environment): string[] => [
  ...Object.keys(granted).filter((role) => role !== 'metabase' || env.services.metabase),
  'deploy',
  ...withoutLake,
  ...(env.services.metabase ? ofMetabase : []),
];

describe.each(environments.map((env) => ({ name: env.name, env })))(
  'roles and the lake, $name as applied',
  ({ env }) => {
    const run = it.skipIf(!isResolved(env));

    run('every role is in the matrix', () => {
      expect(rolesOf(resolvedSubject(env)).sort()).toEqual(expectedRoles(env).sort());
    });

    run.each(
      expectedRoles(env).flatMap((role) =>
        (Object.keys(places) as Place[]).map((place) => ({
          role,
          place,
          verbs: (role === 'deploy' ? ofDeploy(env) : granted[role])?.[place] ?? '',
        })),
      ),
    )('$role may "$verbs" in $place', ({ role, place, verbs }) => {
      expect(lettersOf(resolved(env), role, place)).toBe(verbs);
    });
  },
);

const read = new Map<string, Subject>();
function resolved(env: Environment): Subject {
  const subject = read.get(env.name) ?? resolvedSubject(env);
  read.set(env.name, subject);
  return subject;
}
