import type { LambdaInvocation } from '@cdktf/provider-aws/lib/lambda-invocation/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import type { FargateService } from '../../constructs/fargate-service.ts';
import { folders } from '../../constructs/folders.ts';
import { mirrored } from '../../constructs/images.ts';
import { namespaceRetentionDays, searchAttributes, temporalNamespace } from '../../contract.ts';
import { temporalAddress } from '../../names.ts';
import { authoritiesFile, filesVolume } from './files.ts';
import type { OrchestrationDependencies } from './dependencies.ts';
import { oneShot, type TaskRunner } from './one-shot.ts';
import { databasePassword, databaseSettings, reads, temporalFiles } from './temporal-database.ts';

/** Where Temporal's command line keeps its settings. */
const home = { home: '/home/temporal' } as const;
const size = { cpu: 256, memoryMb: 512 };
/** Half a minute less than the function that waits for it. */
const frontendWaitSeconds = 600;

/** Sets the two schemas up, or brings them to the server's version. Both may be repeated. */
export function temporalSchemaTask(
  scope: Construct,
  env: Environment,
  stacks: OrchestrationDependencies,
  runner: TaskRunner,
): LambdaInvocation {
  const { storage, controlDatabase } = stacks;
  const tool = `temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -p "$DB_PORT" -u "$POSTGRES_USER" --pw "$POSTGRES_PWD" --tls --tls-ca-file ${authoritiesFile}`;
  const schema = (database: string, kind: string): string[] => [
    `${tool} --db ${database} setup-schema -v 0.0`,
    `${tool} --db ${database} update-schema -d /etc/temporal/schema/postgresql/v12/${kind}/versioned`,
  ];
  return oneShot(scope, 'temporal-schema', runner, {
    env,
    description: 'Temporal schema set-up',
    size,
    statements: [],
    secretArns: [controlDatabase.secrets.temporal.arn],
    repositoryArns: [storage.mirror.arn],
    logKeyArn: storage.keys.operations.arn,
    secretKeyArn: storage.keys.secrets.arn,
    volumes: [filesVolume],
    containers: [
      temporalFiles(env, storage),
      reads({
        name: 'schema',
        image: mirrored(storage.mirror, 'admin-tools'),
        command: [
          'sh',
          '-ec',
          [...schema('temporal', 'temporal'), ...schema('temporal_visibility', 'visibility')].join('; '),
        ],
        environment: databaseSettings(stacks),
        secrets: { POSTGRES_PWD: databasePassword(stacks) },
      }),
    ],
  });
}

/** The namespace and its search attributes, once the frontend answers. */
export function temporalNamespaceTask(
  scope: Construct,
  env: Environment,
  { storage }: OrchestrationDependencies,
  runner: TaskRunner,
  temporal: readonly FargateService[],
): LambdaInvocation {
  const temporalCli = `temporal --address ${temporalAddress(env)}`;
  const attributes = Object.entries(searchAttributes).map(([name, type]) => `--name ${name} --type ${type}`);
  const script = [
    `for _ in $(seq ${frontendWaitSeconds / 5}); do ${temporalCli} operator cluster health && break; sleep 5; done`,
    `${temporalCli} operator namespace describe -n ${temporalNamespace} || ${temporalCli} operator namespace create -n ${temporalNamespace} --retention ${namespaceRetentionDays}d`,
    `${temporalCli} operator search-attribute create -n ${temporalNamespace} ${attributes.join(' ')}`,
  ];
  return oneShot(
    scope,
    'temporal-namespace',
    runner,
    {
      env,
      description: 'Temporal namespace and search attributes',
      size,
      statements: [],
      secretArns: [],
      repositoryArns: [storage.mirror.arn],
      logKeyArn: storage.keys.operations.arn,
      secretKeyArn: storage.keys.secrets.arn,
      volumes: Object.keys(home),
      containers: [
        folders(storage.mirror, home),
        {
          name: 'namespace',
          image: mirrored(storage.mirror, 'admin-tools'),
          after: 'folders',
          readOnly: true,
          mounts: home,
          environment: { HOME: home.home },
          command: ['sh', '-ec', script.join('; ')],
        },
      ],
    },
    temporal.map(({ service }) => service),
  );
}
