import type { Environment } from '../config/environment.ts';

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Variable -> `<secret ARN>:<JSON field>::`. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly ports?: readonly number[];
  /** A shell command that succeeds while the container is healthy. */
  readonly health?: string;
  /** Ends before the others start. */
  readonly after?: string;
  readonly essential?: boolean;
  readonly mounts?: Readonly<Record<string, string>>;
  readonly readOnly?: boolean;
  readonly stopTimeoutSeconds?: number;
}

/** The field of a JSON secret, as ECS wants it. */
export function secretField(arn: string, field: string): string {
  return `${arn}:${field}::`;
}

/** As `containerDefinitions` has it. */
export function containerDefinition(env: Environment, container: Container, logGroup: string): object {
  const { environment = {}, secrets = {}, ports = [], mounts = {} } = container;
  return {
    name: container.name,
    image: container.image,
    essential: container.essential ?? true,
    ...(container.command && { command: container.command }),
    ...(container.user && { user: container.user }),
    environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    secrets: Object.entries(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
    portMappings: ports.map((containerPort) => ({ containerPort, protocol: 'tcp' })),
    mountPoints: Object.entries(mounts).map(([sourceVolume, containerPath]) => ({
      sourceVolume,
      containerPath,
    })),
    readonlyRootFilesystem: container.readOnly ?? false,
    ...(container.after && { dependsOn: [{ containerName: container.after, condition: 'SUCCESS' }] }),
    ...(container.health && {
      healthCheck: {
        command: ['CMD-SHELL', container.health],
        interval: 15,
        timeout: 5,
        retries: 5,
        startPeriod: 60,
      },
    }),
    ...(container.stopTimeoutSeconds !== undefined && { stopTimeout: container.stopTimeoutSeconds }),
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': logGroup,
        'awslogs-region': env.region,
        'awslogs-stream-prefix': container.name,
      },
    },
  };
}
