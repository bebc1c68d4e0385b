import type { Environment } from '../../config/environment.ts';
import { secretField, type Container } from '../../constructs/container.ts';
import type { StorageStack } from '../storage/index.ts';
import { authoritiesFile, filesContainer, folder, withFiles } from './files.ts';
import type { OrchestrationDependencies } from './dependencies.ts';

export const dynamicConfigFile = `${folder}/dynamic-config.yaml`;

/** Found by measurement: with the defaults a step waits for the history service's loader far longer than it works. */
const dynamicConfig = `
history.transferProcessorMaxPollRPS:
  - value: 2000
history.timerProcessorMaxTimeShift:
  - value: 10ms
system.enableActivityEagerExecution:
  - value: true
`.trim();

export function temporalFiles(env: Environment, storage: StorageStack): Container {
  return filesContainer(env, storage, { [dynamicConfigFile]: dynamicConfig });
}

/** Temporal's programs write nothing to their disk. */
export function reads(container: Container): Container {
  return { ...withFiles(container), readOnly: true };
}

/** RDS forces TLS: the server and its SQL tool have to verify it. */
export function databaseSettings({ controlDatabase }: OrchestrationDependencies): Record<string, string> {
  return {
    DB: 'postgres12',
    DB_PORT: '5432',
    POSTGRES_SEEDS: controlDatabase.instance.address,
    POSTGRES_USER: 'temporal',
    DBNAME: 'temporal',
    VISIBILITY_DBNAME: 'temporal_visibility',
    SQL_TLS_ENABLED: 'true',
    SQL_CA: authoritiesFile,
    SQL_HOST_VERIFICATION: 'true',
    SQL_HOST_NAME: controlDatabase.instance.address,
  };
}

export function databasePassword({ controlDatabase }: OrchestrationDependencies): string {
  return secretField(controlDatabase.secrets.temporal.arn, 'password');
}
