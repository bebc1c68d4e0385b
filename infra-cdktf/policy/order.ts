import { nameOfResource, type Resource, type Subject } from './resource.ts';

/** What must be gone before what, within a stack; between stacks `stacks.mjs` goes backwards. */
export interface Order {
  readonly first: string;
  readonly then: string;
  /** Of all such pairs in a stack those that have to do with each other; absent: all. */
  readonly about?: (first: Resource, then: Resource) => boolean;
  readonly why: string;
}

const text = (resource: Resource): string => JSON.stringify(resource.values);
const names = (first: Resource, { type, id }: Resource): boolean => text(first).includes(`${type}.${id}.`);

export const orders: readonly Order[] = [
  {
    first: 'aws_nat_gateway',
    then: 'aws_internet_gateway',
    why: 'a gateway whose VPC has addresses in use cannot be detached',
  },
  {
    first: 'aws_lambda_invocation',
    then: 'aws_iam_role_policy',
    about: (first, then) =>
      first.values['lifecycle_scope'] === 'CRUD' && then.id === `${first.id.replace(/-in-\w+$/, '')}-policy`,
    why: 'what a function undoes at the end it undoes with its rights',
  },
  {
    first: 'aws_lambda_function',
    then: 'aws_iam_role_policy',
    about: (first, then) => then.id === `${first.id}-policy`,
    why: 'Lambda gives the addresses back in the name of the role',
  },
  {
    first: 'aws_ecs_service',
    then: 'aws_iam_role_policy',
    about: (first, then) =>
      [
        `${first.id.replace(/-service$/, '')}-policy`,
        `${first.id.replace(/-service$/, '')}-execution-policy`,
      ].includes(then.id),
    why: 'tasks write logs and finish work until they have ended',
  },
  {
    first: 'aws_appautoscaling_target',
    then: 'aws_ecs_service',
    about: names,
    why: 'a service that is gone cannot be released from scaling',
  },
  {
    first: 'aws_ecs_service',
    then: 'aws_service_discovery_service',
    about: names,
    why: 'a registry with instances in it cannot be deleted',
  },
  {
    first: 'aws_secretsmanager_secret_rotation',
    then: 'aws_lambda_permission',
    about: (first, then) => then.id === `${first.id}-permission`,
    why: 'a rotation that is under way calls the function',
  },
  {
    first: 'aws_dms_replication_task',
    then: 'aws_dms_endpoint',
    about: names,
    why: 'an endpoint in use cannot be deleted',
  },
  {
    first: 'aws_redshiftserverless_workgroup',
    then: 'aws_redshiftserverless_namespace',
    about: names,
    why: 'a namespace with a workgroup cannot be deleted',
  },
  {
    first: 'aws_cloudwatch_event_target',
    then: 'aws_cloudwatch_event_rule',
    about: names,
    why: 'a rule with targets cannot be deleted',
  },
];

/** Pairs of resources, by name, of which the first must be gone before the second. */
export function pairsOf(subject: Subject, { first, then, about = () => true }: Order): [string, string][] {
  const before = subject.resources.filter(({ type }) => type === first);
  const after = subject.resources.filter(({ type }) => type === then);
  return before.flatMap((one) =>
    after
      .filter((other) => other.stack === one.stack && about(one, other))
      .map((other): [string, string] => [nameOfResource(one), nameOfResource(other)]),
  );
}

/** Whether Terraform destroys the first before the second: it refers to it, itself or through others. */
export function isBound(subject: Subject, [first, then]: readonly [string, string]): boolean {
  const all = new Map(subject.resources.map((each) => [nameOfResource(each), each]));
  const seen = new Set<string>();
  const reaches = (name: string): boolean => {
    if (name === then) return true;
    const resource = all.get(name);
    if (resource === undefined || seen.has(name)) return false;
    seen.add(name);
    return referencesOf(resource).some(reaches);
  };
  return reaches(first);
}

function referencesOf(resource: Resource): string[] {
  const found = [...text(resource).matchAll(/\b(aws_\w+)\.([\w-]+)/g)].map(
    ([, type = '', id = '']) => `${resource.stack}/${type}.${id}`,
  );
  return [...new Set(found)].filter((name) => name !== nameOfResource(resource));
}
