import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** `{"temporalio/server:1.31.2": "sha256:…"}`: the bytes that a version was when it was pinned, the same for every environment. `mirror-images.ts --pin` writes it. */
export const digestsFile = join(import.meta.dirname, 'image-digests.json');

/** `server` as it is copied: its very bytes where they are pinned, else whatever the tag names today. */
export function sourceOf(name: ImageName, digests = readDigests()): string {
  const digest = digests[images[name]];
  return digest === undefined ? images[name] : `${images[name]}@${digest}`;
}

/** By image, so that another version is not taken for the one that was pinned. */
export function readDigests(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(digestsFile, 'utf8')) as Record<string, string>;
}

/** The tag of the copy: what it is, and its version. */
export function mirrorTag(name: ImageName): string {
  const [, version = ''] = /:([\w.-]+)$/.exec(images[name]) ?? [];
  return `${name}-${version}`;
}

export function mirrored(mirror: EcrRepository, name: ImageName): string {
  return `${mirror.repositoryUrl}:${mirrorTag(name)}`;
}
