import { ServiceDiscoveryService } from '@cdktf/provider-aws/lib/service-discovery-service/index.js';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { fargateService, type FargateService } from '../../constructs/fargate-service.ts';
import { decryptWith, readObjects } from '../../constructs/permissions.ts';
import { pagesCommand, pagesPort, pagesPrefix } from '../../contract.ts';
import type { Place } from './cluster.ts';
import { filesContainer, filesVolume, withFiles } from './files.ts';
import type { OrchestrationDependencies } from './dependencies.ts';
import type { WorkerProps } from './worker.ts';
import { secretStatements } from './worker-statements.ts';

const writable = { temporary: '/tmp' } as const;

/** The status pages, from the worker's image. Only the door of the UI's task reaches them: whoever may open it, may look and act. */
export function pages(
  scope: Construct,
  env: Environment,
  stacks: OrchestrationDependencies,
  { cluster, zoneId }: Place,
  props: Omit<WorkerProps, 'tasks'> & { readonly after: ITerraformDependable },
): FargateService {
  const { storage, network } = stacks;
  const registry = new ServiceDiscoveryService(scope, 'pages-registry', {
    name: 'pages',
    dnsConfig: { namespaceId: zoneId, routingPolicy: 'MULTIVALUE', dnsRecords: [{ type: 'A', ttl: 10 }] },
    healthCheckCustomConfig: { failureThreshold: 1 },
  });
  return fargateService(scope, 'pages', {
    env,
    description: 'Status pages',
    clusterArn: cluster.arn,
    desiredCount: 1,
    size: { cpu: 256, memoryMb: 512 },
    subnetIds: network.subnets.private,
    group: network.securityGroups.pages,
    registryArn: registry.arn,
    statements: [
      ...secretStatements(env, stacks),
      ...readObjects(storage.buckets.pages, pagesPrefix),
      decryptWith([storage.keys.curated.arn], ['s3'], env.region),
    ],
    secretArns: [],
    repositoryArns: [storage.images.arn, storage.mirror.arn],
    logKeyArn: storage.keys.operations.arn,
    secretKeyArn: storage.keys.secrets.arn,
    after: [props.after],
    volumes: [filesVolume, ...Object.keys(writable)],
    containers: [
      withFiles({
        name: 'pages',
        image: props.image,
        command: pagesCommand,
        ports: [pagesPort],
        environment: props.environment,
        health: `node -e "fetch('http://127.0.0.1:${pagesPort}/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"`,
        readOnly: true,
        mounts: writable,
      }),
      filesContainer(env, storage, {}, writable),
    ],
  });
}
