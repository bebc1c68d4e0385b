import { AwsProvider } from '@cdktf/provider-aws/lib/provider/index.js';
import { App, S3Backend, TerraformStack } from 'cdktf';
import type { Environment } from './config/environment.ts';

export function newApp(outdir: string): App {
  return new App({ outdir });
}

/** A stack with its own state: the unit that is planned, applied and rolled back. */
export abstract class SluiceStack extends TerraformStack {
  readonly env: Environment;

  constructor(app: App, env: Environment, kind: string) {
    super(app, `${env.project}-${env.name}-${kind}`);
    this.env = env;
    connect(this, env, kind, `${env.name}/${kind}.tfstate`);
  }
}

/** Provider and backend. The account is pinned: credentials of another one fail before anything is changed. */
export function connect(stack: TerraformStack, env: Environment, kind: string, stateKey: string): void {
  new AwsProvider(stack, 'aws', {
    region: env.region,
    allowedAccountIds: [env.account],
    defaultTags: [
      {
        tags: {
          Project: env.project,
          Environment: kind === 'account' ? 'shared' : env.name,
          Stack: kind,
          ManagedBy: 'cdktf',
        },
      },
    ],
  });
  const { bucket, region } = env.state;
  new S3Backend(stack, { bucket, region, key: `${env.project}/${stateKey}`, encrypt: true });
  stack.addOverride('terraform.backend.s3.use_lockfile', true);
  stack.addOverride('terraform.required_version', '>= 1.11.0, < 2.0.0');
}
