import { z } from 'zod';
import type { ContainerRunner } from '../../connectors/jobs/port.ts';
import { messageOf } from '../../core/errors.ts';
import { RESULT_LIMIT } from '../../core/tasks.ts';
import { flag, names, text } from '../fields.ts';
import { inS3, s3Of, type LakeSettings } from './lake.ts';

const docker = z.strictObject({
  type: z.literal('docker'),
  /** As in `DOCKER_HOST`; absent: the socket of this machine. */
  host: z.exactOptional(text),
  /** That containers join, to reach what is in it; absent: the engine's own. */
  network: z.exactOptional(text),
  /** Who may pull images, by the host they come from: `{ ghcr.io: { username, password } }`. */
  registries: z.record(z.string(), z.strictObject({ username: text, password: text })).default({}),
});

/** Tasks of Fargate; the lake must be in S3. */
const ecs = z.strictObject({
  type: z.literal('ecs'),
  cluster: text,
  region: text,
  subnets: names,
  securityGroups: names,
  /** ARN of the role that pulls images and writes logs. */
  executionRole: text,
  /** ARN of the role that containers act as; it reads and writes `tasks/` of the lake. */
  taskRole: text,
  logGroup: text,
  /** The engine's image: it carries input and output. */
  carrier: text,
  /** Begins the names of task definitions. */
  family: z
    .string()
    .regex(/^[\w-]{1,200}$/, 'must be letters, digits, - and _')
    .default('sluice'),
  /** An address of its own for each, without which they reach nothing in a public subnet. */
  publicIp: flag,
});

/** What runs containers. */
export const containers = z.discriminatedUnion('type', [docker, ecs]);

type ContainerSettings = z.infer<typeof containers>;

/** Why nothing would run a container that is asked for from here; undefined where it would, or where only AWS can say. */
export async function whyNoContainers(settings: ContainerSettings): Promise<string | undefined> {
  if (settings.type !== 'docker') return undefined;
  const { Docker } = await import('../../connectors/jobs/docker/docker.ts');
  try {
    await new Docker({ ...settings, outputLimit: RESULT_LIMIT }).answers();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

export async function openContainers(
  settings: ContainerSettings,
  lake: LakeSettings,
): Promise<ContainerRunner> {
  if (settings.type === 'docker') {
    const { Docker } = await import('../../connectors/jobs/docker/docker.ts');
    return new Docker({ ...settings, outputLimit: RESULT_LIMIT });
  }
  const { Ecs } = await import('../../connectors/jobs/ecs/ecs.ts');
  const { bucket, prefix, pathStyle } = inS3(lake, 'containers of type ecs');
  return new Ecs({
    place: settings,
    s3: await s3Of({ pathStyle }),
    bucket,
    prefix,
    pathStyle,
    outputLimit: RESULT_LIMIT,
  });
}
