import type { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository/index.js';

/**
 * Public images that tasks run, copied into the environment's own registry once (`mirror-images.ts`): a deployment does not depend on
 * somebody else's registry, and a tag that is there never changes. Change the first three together (docs/infrastructure-operations.md,
 * "Upgrades").
 */
export const images = {
  server: 'temporalio/server:1.31.2',
  'admin-tools': 'temporalio/admin-tools:1.31.2',
  ui: 'temporalio/ui:2.53.3',
  metabase: 'metabase/metabase:v0.55.8',
  /** Keeps the door of the UI's task open; makes folders. */
  door: 'public.ecr.aws/amazonlinux/amazonlinux:2023-minimal',
} as const;

export type ImageName = keyof typeof images;

/** The tag of the copy: what it is, and its version. */
export function mirrorTag(name: ImageName): string {
  // `repository:version`, or `repository:version@sha256:…` for very certain bytes.
  const [, version = ''] = /:([\w.-]+)(?:@|$)/.exec(images[name]) ?? [];
  return `${name}-${version}`;
}

export function mirrored(mirror: EcrRepository, name: ImageName): string {
  return `${mirror.repositoryUrl}:${mirrorTag(name)}`;
}
