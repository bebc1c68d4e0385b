import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../config/environment.ts';
import { boundaryArn, nameOf } from '../names.ts';
import { policyDocument, type Conditions, type Statement } from './policy-document.ts';

export interface WorkloadRoleProps {
  readonly env: Environment;
  /** Who may assume it, such as `glue.amazonaws.com`. */
  readonly service: string | readonly string[];
  /** False for services that send no source account when they assume a role; then only PassRole guards the role. */
  readonly sourceAccount?: boolean;
  readonly description: string;
  readonly statements: readonly Statement[];
  /** Narrows the trust further than to this account: usually an `ArnLike` on `aws:SourceArn`. */
  readonly trust?: Conditions;
}

/** A role for one workload: trusted by one service on behalf of this account, with one inline policy. */
export function workloadRole(scope: Construct, what: string, props: WorkloadRoleProps): IamRole {
  const { env } = props;
  const role = new IamRole(scope, `${what}-role`, {
    name: nameOf(env, what),
    description: props.description,
    permissionsBoundary: boundaryArn(env),
    assumeRolePolicy: policyDocument([
      {
        Effect: 'Allow',
        Principal: { Service: props.service },
        Action: ['sts:AssumeRole'],
        ...(props.sourceAccount === false
          ? {}
          : { Condition: { StringEquals: { 'aws:SourceAccount': env.account }, ...props.trust } }),
      },
    ]),
  });
  if (props.statements.length > 0) {
    new IamRolePolicy(scope, `${what}-policy`, {
      name: 'workload',
      role: role.name,
      policy: policyDocument(props.statements),
    });
  }
  return role;
}

/** The inline policy of a workload's role, for what must not start before it. */
export function policyOf(scope: Construct, what: string): IamRolePolicy {
  const policy = scope.node.findChild(`${what}-policy`);
  if (!(policy instanceof IamRolePolicy)) throw new Error(`${what} has no policy`);
  return policy;
}
