import type { Json, JsonObject } from '../terraform/synthesized.ts';
import { nameOfResource, ofType, refersTo, type Resource, type Subject, text, texts } from './resource.ts';

export interface PolicyStatement {
  /** Where it was found. */
  readonly resource: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition: JsonObject;
  readonly principal: Json | undefined;
  /** Set where the statement tells who else may, instead of saying what is meant. */
  readonly inverted: boolean;
}

/** Statements about what a role may do. */
export function identityStatements(subject: Subject): PolicyStatement[] {
  return ofType(subject, 'aws_iam_role_policy', 'aws_iam_policy').flatMap((resource) =>
    statementsIn(resource, 'policy'),
  );
}

/** Statements about who may assume a role. */
export function trustStatements(subject: Subject): PolicyStatement[] {
  return ofType(subject, 'aws_iam_role').flatMap((resource) => statementsIn(resource, 'assume_role_policy'));
}

/** Statements about who may use a bucket, a key, a topic, a queue. */
export function resourceStatements(subject: Subject): PolicyStatement[] {
  return ofType(
    subject,
    'aws_s3_bucket_policy',
    'aws_kms_key',
    'aws_sns_topic_policy',
    'aws_sqs_queue_policy',
    'aws_ecr_repository_policy',
  ).flatMap((resource) => statementsIn(resource, 'policy'));
}

export function statementsIn(resource: Resource, attribute: string): PolicyStatement[] {
  const document = resource.values[attribute];
  if (typeof document !== 'string')
    throw new Error(`${nameOfResource(resource)} has no readable ${attribute}`);
  const { Statement } = JSON.parse(document) as { Statement: JsonObject[] };
  return Statement.map((statement) => ({
    resource: nameOfResource(resource),
    effect: text(statement['Effect']),
    actions: texts(statement['Action']),
    resources: texts(statement['Resource']),
    condition: (statement['Condition'] ?? {}) as JsonObject,
    principal: statement['Principal'],
    inverted: ['NotAction', 'NotResource', 'NotPrincipal'].some((key) => key in statement),
  }));
}

/** Everything that a role's own and attached policies say. */
export function statementsOfRole(subject: Subject, role: Resource): PolicyStatement[] {
  const inline = ofType(subject, 'aws_iam_role_policy').filter((policy) => policyBelongsTo(policy, role));
  const attachments = ofType(subject, 'aws_iam_role_policy_attachment').filter((attachment) =>
    policyBelongsTo(attachment, role),
  );
  const attached = ofType(subject, 'aws_iam_policy').filter((policy) =>
    attachments.some((attachment) => refersTo(attachment.values['policy_arn'], policy)),
  );
  return [...inline, ...attached].flatMap((policy) => statementsIn(policy, 'policy'));
}

function policyBelongsTo(policy: Resource, role: Resource): boolean {
  return refersTo(policy.values['role'], role);
}

/** Whether the statements allow an action on a resource. Conditions of an Allow are taken as met, those of a Deny too: what is allowed here may still be refused. */
export function allows(statements: readonly PolicyStatement[], action: string, arn: string): boolean {
  const hits = statements.filter(
    (statement) =>
      statement.actions.some((pattern) => matches(pattern, action, 'i')) &&
      statement.resources.some((pattern) => matches(pattern, arn)),
  );
  return hits.some(({ effect }) => effect === 'Allow') && !hits.some(({ effect }) => effect === 'Deny');
}

const compiled = new Map<string, RegExp>();

/** Whether a pattern with `*` and `?` stands for a text. Actions are compared without regard to case, everything else with. */
export function matches(pattern: string, value: string, flags: 'i' | '' = ''): boolean {
  const key = `${flags}${pattern}`;
  let expression = compiled.get(key);
  if (expression === undefined) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    expression = new RegExp(`^${source}$`, flags);
    compiled.set(key, expression);
  }
  return expression.test(value);
}
