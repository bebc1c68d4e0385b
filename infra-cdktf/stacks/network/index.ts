import type { App } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import type { StorageStack } from '../storage/index.ts';
import { endpoints } from './endpoints.ts';
import { flowLogs } from './flow-logs.ts';
import { securityGroups, type SecurityGroups } from './security-groups.ts';
import { existingNetwork, newNetwork, type Subnets } from './vpc.ts';

/** The VPC, and one table of who may talk to whom. */
export class NetworkStack extends SluiceStack {
  readonly vpcId: string;
  readonly subnets: Subnets;
  readonly securityGroups: SecurityGroups;

  constructor(app: App, env: Environment, { storage }: { readonly storage: StorageStack }) {
    super(app, env, 'network');
    const { existingVpc } = env.network;
    const network = existingVpc ? existingNetwork(existingVpc) : newNetwork(this, env);
    this.vpcId = network.vpcId;
    this.subnets = network.subnets;
    this.securityGroups = securityGroups(this, env, network);
    if (existingVpc) return;
    endpoints(this, env, network, this.securityGroups.endpoints);
    flowLogs(this, env, network.vpcId, storage.keys.operations.arn);
  }
}
