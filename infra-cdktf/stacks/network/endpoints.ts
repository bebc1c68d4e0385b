import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';
import type { NetworkParts } from './vpc.ts';

/** Interface endpoints cost by the hour and zone, NAT by the byte: the environment says which ones pay off. */
export function endpoints(
  scope: Construct,
  env: Environment,
  network: NetworkParts,
  group: SecurityGroup,
): void {
  for (const service of env.network.interfaceEndpoints) {
    new VpcEndpoint(scope, `${service.replaceAll('.', '-')}-endpoint`, {
      vpcId: network.vpcId,
      serviceName: `com.amazonaws.${env.region}.${service}`,
      vpcEndpointType: 'Interface',
      privateDnsEnabled: true,
      subnetIds: [...network.subnets.private],
      securityGroupIds: [group.id],
      tags: { Name: nameOf(env, service) },
    });
  }
}
