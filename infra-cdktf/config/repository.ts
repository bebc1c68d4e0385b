import type { Repository } from './environment.ts';

/** The repository whose workflows may assume the deployment roles. */
export const repository: Repository = { owner: 'example', name: 'sluice', branch: 'main' };
