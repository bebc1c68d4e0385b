import { EmrserverlessApplication } from '@cdktf/provider-aws/lib/emrserverless-application/index.js';
import type { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import type { App } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import { logGroup } from '../../constructs/log-group.ts';
import { nameOf } from '../../names.ts';
import type { NetworkStack } from '../network/index.ts';
import type { StorageStack } from '../storage/index.ts';
import { jobRole } from './job-role.ts';

/** Spark 3.5.6 with Delta, as in Glue 5.1. */
const releaseLabel = 'emr-7.11.0';

export interface ProcessingDependencies {
  readonly storage: StorageStack;
  readonly network: NetworkStack;
}

/** Spark from bronze to silver and gold; costs nothing while no job runs. */
export class ProcessingStack extends SluiceStack {
  readonly application: EmrserverlessApplication | undefined;
  readonly role: IamRole | undefined;

  constructor(app: App, env: Environment, { storage, network }: ProcessingDependencies) {
    super(app, env, 'processing');
    if (!env.services.emrServerless) return;
    const { maxVcpu, maxMemoryGb, idleMinutes } = env.sizes.emr;
    this.application = new EmrserverlessApplication(this, 'spark', {
      name: nameOf(env, 'spark'),
      type: 'spark',
      releaseLabel,
      architecture: 'ARM64',
      maximumCapacity: { cpu: `${maxVcpu} vCPU`, memory: `${maxMemoryGb} GB` },
      autoStartConfiguration: { enabled: true },
      autoStopConfiguration: { enabled: true, idleTimeoutMinutes: idleMinutes },
      networkConfiguration: {
        subnetIds: [...network.subnets.private],
        securityGroupIds: [network.securityGroups.emr.id],
      },
    });
    const logs = logGroup(this, env, 'emr', storage.keys.operations.arn);
    this.role = jobRole(this, env, storage, logs.arn);
  }
}
