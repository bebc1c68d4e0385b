import { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster/index.js';
import { ServiceDiscoveryPrivateDnsNamespace } from '@cdktf/provider-aws/lib/service-discovery-private-dns-namespace/index.js';
import { ServiceDiscoveryService } from '@cdktf/provider-aws/lib/service-discovery-service/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { logGroup } from '../../constructs/log-group.ts';
import { nameOf, serviceZone } from '../../names.ts';
import type { OrchestrationDependencies } from './dependencies.ts';

export interface Place {
  readonly cluster: EcsCluster;
  readonly frontendRegistryArn: string;
  /** Of the private DNS zone that services register in. */
  readonly zoneId: string;
}

export function cluster(
  scope: Construct,
  env: Environment,
  { storage, network }: OrchestrationDependencies,
): Place {
  const keyArn = storage.keys.operations.arn;
  const sessions = logGroup(scope, env, 'sessions', keyArn);
  const made = new EcsCluster(scope, 'cluster', {
    name: nameOf(env, 'orchestration'),
    setting: [{ name: 'containerInsights', value: 'enabled' }],
    configuration: {
      executeCommandConfiguration: {
        kmsKeyId: keyArn,
        logging: 'OVERRIDE',
        logConfiguration: { cloudWatchEncryptionEnabled: true, cloudWatchLogGroupName: sessions.name },
      },
    },
  });
  const zone = new ServiceDiscoveryPrivateDnsNamespace(scope, 'zone', {
    name: serviceZone(env),
    vpc: network.vpcId,
  });
  const frontend = new ServiceDiscoveryService(scope, 'frontend-registry', {
    name: 'temporal-frontend',
    dnsConfig: { namespaceId: zone.id, routingPolicy: 'MULTIVALUE', dnsRecords: [{ type: 'A', ttl: 10 }] },
    healthCheckCustomConfig: { failureThreshold: 1 },
  });
  return { cluster: made, frontendRegistryArn: frontend.arn, zoneId: zone.id };
}
