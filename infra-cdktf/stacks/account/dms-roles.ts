import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { policyDocument } from '../../constructs/policy-document.ts';

/** DMS looks for roles of these very names in the account. */
const managedPolicies = {
  'dms-vpc-role': 'AmazonDMSVPCManagementRole',
  'dms-cloudwatch-logs-role': 'AmazonDMSCloudWatchLogsRole',
} as const;

export function dmsRoles(scope: Construct, env: Environment): void {
  for (const [name, policy] of Object.entries(managedPolicies)) {
    const role = new IamRole(scope, name, {
      name,
      description: 'DMS expects it under this name',
      assumeRolePolicy: policyDocument([
        {
          Effect: 'Allow',
          Principal: { Service: 'dms.amazonaws.com' },
          Action: ['sts:AssumeRole'],
          Condition: { StringEquals: { 'aws:SourceAccount': env.account } },
        },
      ]),
    });
    new IamRolePolicyAttachment(scope, `${name}-policy`, {
      role: role.name,
      policyArn: `arn:aws:iam::aws:policy/service-role/${policy}`,
    });
  }
}
