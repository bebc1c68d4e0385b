import { boundaryArn } from '../names.ts';
import type { Call, Verb } from './calls/call.ts';
import { actionNamed, sendsKey, serviceOf, typesOf, type Action, type ResourceType } from './reference.ts';
import { at, texts, type PolicyEnvironment, type Resource } from './resource.ts';

/** One question to IAM. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

/** Places that templates of any resource can name. */
function builtIn(env: PolicyEnvironment): Readonly<Record<string, string>> {
  const { project, name, account, region, state } = env;
  return { project, environment: name, account, region, state: state.bucket, boundary: boundaryArn(env) };
}

/** The questions that AWS asks IAM when the provider makes a call for a resource of an environment. */
export function requestsOf(env: PolicyEnvironment, verb: Verb, each: Call, resource?: Resource): Request[] {
  return each.on.flatMap((template) => {
    const condition = /^\{\?([\w.]+)\}/.exec(template);
    if (condition && at(resource?.values ?? {}, condition[1] ?? '') !== true) return [];
    const rest = template.slice(condition?.[0].length ?? 0);
    const isNew = rest.startsWith('+');
    return filled(env, isNew ? rest.slice(1) : rest, resource).flatMap((text) => {
      const arn = arnOf(env, text);
      const context = contextOf(env, verb, each, arn, isNew, resource);
      return context === undefined ? [] : [{ action: each.action, resource: arn, context }];
    });
  });
}

/** The template with its values; one text for each element of a list, none where a value is missing. */
function filled(env: PolicyEnvironment, template: string, resource?: Resource): string[] {
  const [, before = '', name, after = ''] = /^([^{]*)\{([\w.]+)\}(.*)$/.exec(template) ?? [];
  if (name === undefined) return [template];
  const values = texts(builtIn(env)[name] ?? at(resource?.values ?? {}, name)).filter((text) => text !== '');
  return values.flatMap((value) => filled(env, `${before}${value}${after}`, resource));
}

/** Services whose ARNs name no region, and those that name no account either. */
const withoutRegion = ['iam', 'budgets'];
const withoutAccount = ['s3', 'route53'];

function arnOf({ region, account }: PolicyEnvironment, text: string): string {
  if (text === '*' || text.startsWith('arn:')) return text;
  const [service = '', ...parts] = text.split(':');
  const part = parts.join(':');
  if (withoutAccount.includes(service)) return `arn:aws:${service}:::${part}`;
  const global = withoutRegion.includes(service) || part.startsWith('dashboard/');
  return `arn:aws:${service}:${global ? '' : region}:${account}:${part}`;
}

/** In which region a global service answers. */
const globalRegion = 'us-east-1';

function contextOf(
  env: PolicyEnvironment,
  verb: Verb,
  each: Call,
  arn: string,
  isNew: boolean,
  resource?: Resource,
): Record<string, string> | undefined {
  const action = actionNamed(each.action);
  if (action === undefined) throw new Error(`AWS has no action ${each.action}`);
  const service = serviceOf(each.action);
  const context: Record<string, string> = {
    'aws:RequestedRegion': ['iam', 'budgets', 'route53'].includes(service) ? globalRegion : env.region,
    ...tagsOf(env, verb, each.action, action, typesOf(action, arn), arn, isNew),
  };
  for (const [key, template] of Object.entries(each.context ?? {})) {
    const [value] = filled(env, template, resource);
    if (value === undefined) return undefined;
    context[key] = value;
  }
  return context;
}

/** What the provider's default tags make of a call: EC2 checks them per resource, other services per request. */
function tagsOf(
  env: PolicyEnvironment,
  verb: Verb,
  name: string,
  action: Action,
  types: readonly ResourceType[],
  arn: string,
  isNew: boolean,
): Record<string, string> {
  const given = isNew || (verb === 'create' && serviceOf(name) !== 'ec2');
  const sends = (key: string): boolean => sendsKey(action, types, key);
  return {
    ...(given && sends('aws:RequestTag/Environment') && { 'aws:RequestTag/Environment': env.name }),
    ...(!isNew &&
      arn !== '*' &&
      !arn.endsWith(':*') &&
      sends('aws:ResourceTag/Environment') && { 'aws:ResourceTag/Environment': env.name }),
  };
}
