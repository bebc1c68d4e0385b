import {
  ClusterNotFoundException,
  ECSClient,
  ServiceNotFoundException,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { databases } from './databases.ts';
import { rotate, type RotationEvent } from './rotation.ts';
import { vault } from './vault.ts';

/** Secret -> the services that read it as they start, each as cluster and service. */
export type Readers = Readonly<Record<string, readonly (readonly [cluster: string, service: string])[]>>;

const client = new ECSClient();

/** Called by Secrets Manager, once for each step of a rotation. */
export async function handler(event: RotationEvent): Promise<void> {
  await rotate(event, { vault, databases, restart });
}

async function restart(secretName: string): Promise<void> {
  const readers = JSON.parse(process.env['READERS'] ?? '{}') as Readers;
  for (const [cluster, service] of readers[secretName] ?? []) {
    try {
      await client.send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true }));
    } catch (error) {
      // Not deployed yet: it will start with the new password.
      if (!(error instanceof ServiceNotFoundException || error instanceof ClusterNotFoundException))
        throw error;
    }
  }
}
