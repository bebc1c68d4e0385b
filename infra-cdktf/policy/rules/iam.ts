import { boundaryArn } from '../../names.ts';
import {
  identityStatements,
  resourceStatements,
  statementsOfRole,
  trustStatements,
  type PolicyStatement,
} from '../iam.ts';
import {
  at,
  type Finding,
  findings,
  isObject,
  nameOfResource,
  ofType,
  refersTo,
  type Rule,
  type Subject,
  text,
  texts,
} from '../resource.ts';

const found = (
  statements: readonly PolicyStatement[],
  bad: (statement: PolicyStatement) => boolean,
  detail: string,
): Finding[] =>
  statements
    .filter((statement) => statement.effect === 'Allow' && bad(statement))
    .map(({ resource }) => ({ resource, detail }));

/** Characters that IAM takes for all inline policies of a role together, and for a managed policy. */
const inlineLimit = 10_240;
const managedLimit = 6_144;

export const iamRules: readonly Rule[] = [
  {
    id: 'iam-actions',
    says: 'no policy allows every action, of a service or at all',
    check: (subject) =>
      found(
        identityStatements(subject),
        ({ actions, inverted }) =>
          inverted || actions.some((action) => action === '*' || /^[\w-]+:\*$/.test(action)),
        'allows every action',
      ),
  },
  {
    id: 'iam-pass-role',
    says: 'roles are passed by name and to a named service',
    check: (subject) =>
      found(
        identityStatements(subject),
        ({ actions, resources, condition }) =>
          actions.some((action) => /^iam:(PassRole|Pass\*|\*)$/.test(action)) &&
          (resources.some((resource) => resource.includes('*')) ||
            !('iam:PassedToService' in ((condition['StringEquals'] as object | undefined) ?? {}))),
        'PassRole on a pattern or without iam:PassedToService',
      ),
  },
  {
    id: 'iam-trust',
    says: 'services act for this account only; nobody else is trusted',
    check: (subject) => [
      ...found(
        trustStatements(subject),
        ({ principal, condition }) => !isTrusted(principal) || !namesSource(condition),
        'trust without source account, or in somebody unknown',
      ),
    ],
  },
  {
    id: 'iam-resource-policies',
    says: 'policies on resources open them to this account and to services that act for it',
    check: (subject) =>
      found(
        resourceStatements(subject),
        ({ principal, condition }) =>
          !(
            isAccountItself(principal, subject.env.account) ||
            (isService(principal) && namesSource(condition)) ||
            isEventBridge(principal) ||
            namesRoles(condition)
          ),
        'open to everybody, or to a service without source',
      ),
  },
  {
    id: 'iam-event-bridge',
    says: 'EventBridge may use the key of an encrypted topic, and the topic, without a source: it sends none',
    check: (subject) => [
      ...found(
        resourceStatements(subject).filter(({ resource }) =>
          /aws_(kms_key|sns_topic_policy)\./.test(resource),
        ),
        ({ principal, condition }) =>
          names(principal, 'events.amazonaws.com') && Object.keys(condition).length > 0,
        'a condition that EventBridge cannot meet',
      ),
      ...ofType(subject, 'aws_cloudwatch_event_target')
        .filter(({ values }) => /sns/.test(text(values['arn'])))
        .filter(() => !opensTo(subject, 'aws_kms_key') || !opensTo(subject, 'aws_sns_topic_policy'))
        .map((target) => ({
          resource: nameOfResource(target),
          detail: 'EventBridge may not use the topic or its key',
        })),
    ],
  },
  {
    id: 'iam-lambda-source',
    says: 'who calls a function is named',
    check: (subject) =>
      findings(
        ofType(subject, 'aws_lambda_permission'),
        ({ values }) => Boolean(values['source_arn']),
        'no source_arn',
      ),
  },
  {
    id: 'iam-own-role',
    says: 'every workload has a role of its own',
    check: (subject) => {
      const users = workloads.flatMap(([type, path]) =>
        ofType(subject, type).map((user) => ({ user, role: at(user.values, path) })),
      );
      return ofType(subject, 'aws_iam_role').flatMap((role) => {
        const using = users.filter((each) => refersTo(each.role, role) || isCrossStack(each.role, role.id));
        return using.length > 1
          ? [
              {
                resource: nameOfResource(role),
                detail: `used by ${using.map(({ user }) => user.id).join(' and ')}`,
              },
            ]
          : [];
      });
    },
  },
  {
    id: 'iam-managed-policies',
    says: 'no policies by AWS are attached, except the two that DMS demands',
    check: (subject) =>
      findings(
        ofType(subject, 'aws_iam_role_policy_attachment'),
        ({ values }) =>
          !text(values['policy_arn']).startsWith('arn:aws:iam::aws:') ||
          /service-role\/AmazonDMS\w+$/.test(text(values['policy_arn'])),
        'a policy by AWS',
      ),
  },
  {
    id: 'iam-boundary',
    says: 'roles of workloads stay within the permissions boundary',
    check: (subject) =>
      findings(
        ofType(subject, 'aws_iam_role').filter(({ stack }) => stack !== 'account'),
        ({ values }) => values['permissions_boundary'] === boundaryArn(subject.env),
        'no permissions boundary',
      ),
  },
  {
    id: 'iam-policy-size',
    says: 'policies fit into IAM',
    check: (subject) => [
      ...findings(
        ofType(subject, 'aws_iam_policy'),
        ({ values }) => text(values['policy']).length <= managedLimit,
        `more than ${managedLimit} characters`,
      ),
      ...findings(
        ofType(subject, 'aws_iam_role'),
        (role) =>
          sum(
            ofType(subject, 'aws_iam_role_policy')
              .filter(({ values }) => refersTo(values['role'], role))
              .map(({ values }) => text(values['policy']).length),
          ) <= inlineLimit,
        `inline policies of more than ${inlineLimit} characters`,
      ),
    ],
  },
  {
    id: 'iam-used-roles',
    says: 'no role is trusted by a service and may do nothing, unless it is meant so',
    check: (subject) =>
      findings(
        ofType(subject, 'aws_iam_role').filter(
          ({ values }) => !texts(values['name']).some((name) => /-(temporal-\w+|metabase)$/.test(name)),
        ),
        (role) =>
          statementsOfRole(subject, role).length > 0 ||
          ofType(subject, 'aws_iam_role_policy_attachment').some(({ values }) =>
            refersTo(values['role'], role),
          ),
        'no policy',
      ),
  },
];

const workloads: readonly (readonly [type: string, path: string])[] = [
  ['aws_lambda_function', 'role'],
  ['aws_glue_job', 'role_arn'],
  ['aws_ecs_task_definition', 'task_role_arn'],
  ['aws_ecs_task_definition', 'execution_role_arn'],
  ['aws_dms_s3_endpoint', 'service_access_role_arn'],
  ['aws_db_instance_role_association', 'role_arn'],
  ['aws_flow_log', 'iam_role_arn'],
];

function isCrossStack(value: unknown, id: string): boolean {
  return typeof value === 'string' && value.includes(`cross-stack-output-aws_iam_role${id}arn`);
}

function isService(principal: unknown): boolean {
  return isObjectWith(principal, 'Service');
}

/** The one service that cannot be held to a source, for a key or a topic. */
function isEventBridge(principal: unknown): boolean {
  return isService(principal) && (principal as { Service: unknown }).Service === 'events.amazonaws.com';
}

/** Holds whoever asks to roles that it names. */
function namesRoles(condition: PolicyStatement['condition']): boolean {
  const roles = texts(at(condition, 'ArnEquals.aws:PrincipalArn'));
  return roles.length > 0 && roles.every((role) => /^arn:aws:iam::\d{12}:role\/[\w-]+$/.test(role));
}

function names(principal: unknown, service: string): boolean {
  return JSON.stringify(principal ?? '').includes(`"${service}"`);
}

function opensTo(subject: Subject, type: string): boolean {
  return resourceStatements(subject).some(
    ({ resource, principal }) => resource.includes(`${type}.`) && isEventBridge(principal),
  );
}

function isTrusted(principal: unknown): boolean {
  return isService(principal) || isObjectWith(principal, 'Federated');
}

function isAccountItself(principal: unknown, account: string): boolean {
  return (
    isObjectWith(principal, 'AWS') && (principal as { AWS: unknown }).AWS === `arn:aws:iam::${account}:root`
  );
}

function isObjectWith(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).join() === key;
}

/** Names an account, a resource, a log group or a repository that the caller acts for. */
function namesSource(condition: PolicyStatement['condition']): boolean {
  const keys = Object.entries(condition)
    .filter(([operator]) => /^(StringEquals|ArnLike|ArnEquals|StringLike)$/.test(operator))
    .flatMap(([, wanted]) => (isObject(wanted) ? Object.keys(wanted) : []));
  return keys.some(
    (key) =>
      ['aws:SourceAccount', 'aws:SourceArn', 'kms:EncryptionContext:aws:logs:arn'].includes(key) ||
      key.endsWith(':sub'),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
