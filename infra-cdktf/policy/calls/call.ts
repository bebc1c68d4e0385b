/** What Terraform wants of a resource. */
export const verbs = ['create', 'read', 'update', 'delete'] as const;
export type Verb = (typeof verbs)[number];

/** A call as IAM sees it. */
export interface Call {
  readonly action: string;
  /**
   * What it is authorised on, each a template: `*`; `{attribute}` for an ARN that an attribute of the applied resource holds; or
   * `rds:db:{identifier}`, short for `arn:aws:rds:<region>:<account>:db:…`. `+` in front: does not exist yet, so has no tags. A template
   * whose attribute is empty falls away.
   */
  readonly on: readonly string[];
  /** Condition keys that only this call sends. Region and tags are added to all (`requests.ts`). */
  readonly context?: Readonly<Record<string, string>>;
}

export type Calls = Readonly<Record<Verb, readonly Call[]>>;
/** Resource type -> the calls that the provider makes for it. */
export type CallTable = Readonly<Record<string, Calls>>;

/** `call('rds', 'DescribeDBInstances ListTagsForResource', 'rds:db:{identifier}')`: each action on each of the resources. */
export function call(
  service: string,
  actions: string,
  on: string | readonly string[],
  context?: Readonly<Record<string, string>>,
): Call[] {
  const resources = typeof on === 'string' ? [on] : on;
  return actions
    .split(' ')
    .map((action) => ({ action: `${service}:${action}`, on: resources, ...(context && { context }) }));
}

export function calls(parts: Partial<Record<Verb, readonly Call[]>>): Calls {
  return { create: [], read: [], update: [], delete: [], ...parts };
}

/** Hands a role to a service. */
export function passRole(attribute: string, service: string): Call[] {
  return call('iam', 'PassRole', attribute, { 'iam:PassedToService': service });
}

/** The role that a service makes for itself when the account uses it for the first time. */
export function serviceRole(service: string): Call[] {
  return call('iam', 'CreateServiceLinkedRole', `iam:role/aws-service-role/${service}/*`, {
    'iam:AWSServiceName': service,
  });
}

/** A service uses a key in the caller's name. `{region}` in the service's name is the environment's. */
export function viaKey(actions: string, attribute: string, service: string): Call[] {
  return call('kms', actions, attribute, { 'kms:ViaService': `${service}.{region}.amazonaws.com` });
}
