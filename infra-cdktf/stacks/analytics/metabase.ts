import { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster/index.js';
import { ServiceDiscoveryPrivateDnsNamespace } from '@cdktf/provider-aws/lib/service-discovery-private-dns-namespace/index.js';
import { ServiceDiscoveryService } from '@cdktf/provider-aws/lib/service-discovery-service/index.js';
import type { AthenaWorkgroup } from '@cdktf/provider-aws/lib/athena-workgroup/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { queryLake } from './query-lake.ts';
import { secretField } from '../../constructs/container.ts';
import { fargateService } from '../../constructs/fargate-service.ts';
import { folders } from '../../constructs/folders.ts';
import { mirrored } from '../../constructs/images.ts';
import { nameOf, serviceZone } from '../../names.ts';
import type { AnalyticsDependencies } from './dependencies.ts';

const port = 3000;
/** Where Metabase unpacks its drivers, and what Java writes for the moment. */
const writable = { plugins: '/plugins', temporary: '/tmp' } as const;

/** Metabase, with its state in the control database; reached through port forwarding like the Temporal UI. */
export function metabase(
  scope: Construct,
  env: Environment,
  stacks: AnalyticsDependencies,
  workgroup: AthenaWorkgroup,
): void {
  const { storage, network, controlDatabase } = stacks;
  const secret = controlDatabase.secrets.metabase;
  const cluster = new EcsCluster(scope, 'cluster', {
    name: nameOf(env, 'analytics'),
    setting: [{ name: 'containerInsights', value: 'enabled' }],
  });
  const zone = new ServiceDiscoveryPrivateDnsNamespace(scope, 'zone', {
    name: `analytics.${serviceZone(env)}`,
    vpc: network.vpcId,
  });
  const registry = new ServiceDiscoveryService(scope, 'metabase-registry', {
    name: 'metabase',
    dnsConfig: { namespaceId: zone.id, routingPolicy: 'MULTIVALUE', dnsRecords: [{ type: 'A', ttl: 10 }] },
    healthCheckCustomConfig: { failureThreshold: 1 },
  });
  fargateService(scope, 'metabase', {
    env,
    description: 'Metabase',
    clusterArn: cluster.arn,
    desiredCount: 1,
    size: { cpu: 1024, memoryMb: 2048 },
    subnetIds: network.subnets.private,
    group: network.securityGroups.metabase,
    registryArn: registry.arn,
    statements: queryLake(env, storage, workgroup.arn),
    secretArns: [secret.arn],
    repositoryArns: [storage.mirror.arn],
    logKeyArn: storage.keys.operations.arn,
    secretKeyArn: storage.keys.secrets.arn,
    volumes: Object.keys(writable),
    containers: [
      folders(storage.mirror, writable),
      {
        name: 'metabase',
        after: 'folders',
        // As root its entry point would make a user first, which a read-only root does not take.
        user: '2000:2000',
        readOnly: true,
        mounts: writable,
        image: mirrored(storage.mirror, 'metabase'),
        ports: [port],
        environment: {
          MB_DB_TYPE: 'postgres',
          MB_PLUGINS_DIR: writable.plugins,
          MB_DB_CONNECTION_URI: `jdbc:postgresql://${controlDatabase.instance.address}:5432/metabase?ssl=true&sslmode=require`,
        },
        secrets: {
          MB_DB_USER: secretField(secret.arn, 'username'),
          MB_DB_PASS: secretField(secret.arn, 'password'),
        },
        health: `curl -fsS http://localhost:${port}/api/health`,
      },
    ],
  });
}
