import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { fargateService, type FargateService } from '../../constructs/fargate-service.ts';
import { mirrored } from '../../constructs/images.ts';
import { temporalAddress } from '../../names.ts';
import type { Place } from './cluster.ts';
import { filesVolume } from './files.ts';
import type { OrchestrationDependencies } from './dependencies.ts';
import {
  databasePassword,
  databaseSettings,
  dynamicConfigFile,
  reads,
  temporalFiles,
} from './temporal-database.ts';

/** The server's roles and the ports of their calls. */
const roles = { frontend: 7233, history: 7234, matching: 7235, worker: 7239 } as const;

/** Tasks find each other through the database; the broadcast address must be the task's own. */
const start = (role: string): string =>
  `export TEMPORAL_BROADCAST_ADDRESS="$(getent hosts "$(hostname)" | awk '{print $1; exit}')"; exec temporal-server start --service=${role}`;

export function temporalServices(
  scope: Construct,
  env: Environment,
  stacks: OrchestrationDependencies,
  { cluster, frontendRegistryArn }: Place,
  schema: ITerraformDependable,
): FargateService[] {
  const { storage, network, controlDatabase } = stacks;
  const { tasksPerRole, historyShards } = env.sizes.temporal;
  return Object.entries(roles).map(([role, port]) =>
    fargateService(scope, `temporal-${role}`, {
      env,
      description: `Temporal ${role}`,
      clusterArn: cluster.arn,
      desiredCount: tasksPerRole,
      size: env.sizes.temporal,
      subnetIds: network.subnets.private,
      group: network.securityGroups.temporal,
      statements: [],
      secretArns: [controlDatabase.secrets.temporal.arn],
      repositoryArns: [storage.mirror.arn],
      logKeyArn: storage.keys.operations.arn,
      secretKeyArn: storage.keys.secrets.arn,
      volumes: [filesVolume],
      after: [schema],
      ...(role === 'frontend' && { registryArn: frontendRegistryArn }),
      containers: [
        temporalFiles(env, storage),
        reads({
          name: 'temporal',
          image: mirrored(storage.mirror, 'server'),
          command: ['sh', '-ec', start(role)],
          ports: [port, port - 300],
          health: `nc -z localhost ${port}`,
          stopTimeoutSeconds: 60,
          environment: {
            ...databaseSettings(stacks),
            BIND_ON_IP: '0.0.0.0',
            NUM_HISTORY_SHARDS: `${historyShards}`,
            DYNAMIC_CONFIG_FILE_PATH: dynamicConfigFile,
            PUBLIC_FRONTEND_ADDRESS: temporalAddress(env),
            LOG_LEVEL: 'info',
          },
          secrets: { POSTGRES_PWD: databasePassword(stacks) },
        }),
      ],
    }),
  );
}
