import { dev } from './dev.ts';
import type { Environment } from './environment.ts';
import { production } from './production.ts';
import { staging } from './staging.ts';

export const environments: readonly Environment[] = [dev, staging, production];
