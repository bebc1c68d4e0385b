import { AthenaWorkgroup } from '@cdktf/provider-aws/lib/athena-workgroup/index.js';
import type { App } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';
import type { AnalyticsDependencies } from './dependencies.ts';
import { metabase } from './metabase.ts';
import { quickSight } from './quick-sight.ts';

/** A query that would scan more is stopped: 1 GB. */
const scanLimitBytes = 1024 ** 3;

/** How people look at the lake and the warehouse. */
export class AnalyticsStack extends SluiceStack {
  readonly workgroup: AthenaWorkgroup;

  constructor(app: App, env: Environment, stacks: AnalyticsDependencies) {
    super(app, env, 'analytics');
    const { storage } = stacks;
    this.workgroup = new AthenaWorkgroup(this, 'workgroup', {
      name: nameOf(env, 'analytics'),
      description: 'Queries on the lake',
      forceDestroy: !env.protection.deletionProtection,
      configuration: {
        enforceWorkgroupConfiguration: true,
        publishCloudwatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: scanLimitBytes,
        resultConfiguration: {
          outputLocation: `s3://${storage.buckets.results.bucket}/athena/`,
          expectedBucketOwner: env.account,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKeyArn: storage.keys.curated.arn },
        },
      },
    });
    if (env.services.metabase) metabase(this, env, stacks, this.workgroup);
    if (env.services.quickSight) quickSight(this, env, this.workgroup, env.services.quickSight.owner);
  }
}
