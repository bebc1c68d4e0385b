import type { Registry } from '../core/registry.ts';
import { whyNoContainers } from '../profiles/open.ts';
import type { Profile } from '../profiles/profile.ts';

/** Names of the pipelines that have a task which is a container. */
export function pipelinesWithContainers(registry: Registry): string[] {
  return [...registry.values()]
    .filter(({ tasks }) => tasks.some(({ does }) => 'container' in does))
    .map(({ name }) => name);
}

/** What is wrong where pipelines have containers, and the engine that the profile names does not answer from here. */
export async function engineAway(
  registry: Registry,
  profile: Pick<Profile, 'jobs'>,
): Promise<string | undefined> {
  const names = pipelinesWithContainers(registry);
  const why = names.length ? await whyNoContainers(profile) : undefined;
  if (why === undefined) return undefined;
  return `Tasks of ${names.map((name) => `'${name}'`).join(', ')} are containers, and none would be run: ${why}`;
}
