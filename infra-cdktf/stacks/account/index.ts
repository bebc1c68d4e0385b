import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider/index.js';
import { S3AccountPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-account-public-access-block/index.js';
import { type App, TerraformStack } from 'cdktf';
import { connect } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import { boundary } from './boundary.ts';
import { deployRole } from './deploy-role.ts';
import { dmsRoles } from './dms-roles.ts';
import { planRole } from './plan-role.ts';
import { sharedLogs } from './shared-logs.ts';
import { trail } from './trail.ts';

/** What an account can have only once, and the roles that CI takes. Deployed by an administrator, not by CI. */
export class AccountStack extends TerraformStack {
  constructor(app: App, owner: Environment, environments: readonly Environment[]) {
    super(app, `${owner.project}-account-${owner.account}`);
    connect(this, owner, 'account', `account-${owner.account}.tfstate`);
    new S3AccountPublicAccessBlock(this, 'public-access', {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    dmsRoles(this, owner);
    trail(this, owner, Math.max(...environments.map(({ protection }) => protection.logRetentionDays)));
    sharedLogs(this, owner, environments);
    const github = new IamOpenidConnectProvider(this, 'github', {
      url: 'https://token.actions.githubusercontent.com',
      clientIdList: ['sts.amazonaws.com'],
    });
    for (const env of environments) {
      boundary(this, env);
      planRole(this, env, github.arn);
      deployRole(this, env, github.arn);
    }
  }
}
