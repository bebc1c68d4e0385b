import type { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository/index.js';
import type { Container } from './container.ts';
import { mirrored } from './images.ts';

/**
 * Opens volumes of a task, by name with their path, to whoever its other containers run as: they belong to root. Those containers mount
 * them, and start `after` this one.
 */
export function folders(mirror: EcrRepository, writable: Readonly<Record<string, string>>): Container {
  return {
    name: 'folders',
    image: mirrored(mirror, 'door'),
    user: 'root',
    essential: false,
    readOnly: true,
    mounts: writable,
    command: ['chmod', '1777', ...Object.values(writable)],
  };
}
