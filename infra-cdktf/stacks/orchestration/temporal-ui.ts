import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { fargateService, type FargateService } from '../../constructs/fargate-service.ts';
import { mirrored } from '../../constructs/images.ts';
import { allow } from '../../constructs/policy-document.ts';
import { temporalNamespace } from '../../contract.ts';
import { temporalAddress } from '../../names.ts';
import type { Place } from './cluster.ts';
import type { OrchestrationDependencies } from './dependencies.ts';

const port = 8080;

/**
 * The Web UI, without any address that the outside could reach: Session Manager forwards a port to this task,
 * to the UI on localhost or through it to a database. Whoever may start such a session is decided by IAM.
 */
export function temporalUi(
  scope: Construct,
  env: Environment,
  { storage, network }: OrchestrationDependencies,
  { cluster }: Place,
): FargateService {
  return fargateService(scope, 'ui', {
    env,
    description: 'Temporal Web UI and door for port forwarding',
    clusterArn: cluster.arn,
    desiredCount: 1,
    size: { cpu: 256, memoryMb: 512 },
    subnetIds: network.subnets.private,
    group: network.securityGroups.ui,
    executeCommand: true,
    statements: [
      // Session Manager's channels have no resource type.
      allow(
        [
          'ssmmessages:CreateControlChannel',
          'ssmmessages:CreateDataChannel',
          'ssmmessages:OpenControlChannel',
          'ssmmessages:OpenDataChannel',
        ],
        ['*'],
      ),
      allow(['kms:Decrypt'], [storage.keys.operations.arn]),
    ],
    secretArns: [],
    repositoryArns: [storage.mirror.arn],
    logKeyArn: storage.keys.operations.arn,
    secretKeyArn: storage.keys.secrets.arn,
    containers: [
      {
        name: 'ui',
        image: mirrored(storage.mirror, 'ui'),
        ports: [port],
        readOnly: true,
        environment: {
          TEMPORAL_ADDRESS: temporalAddress(env),
          TEMPORAL_DEFAULT_NAMESPACE: temporalNamespace,
          TEMPORAL_UI_PORT: `${port}`,
          TEMPORAL_CORS_ORIGINS: `http://localhost:${port}`,
        },
      },
      // Session Manager's agent writes beside what it opens: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
      { name: 'door', image: mirrored(storage.mirror, 'door'), command: ['sleep', 'infinity'] },
    ],
  });
}
