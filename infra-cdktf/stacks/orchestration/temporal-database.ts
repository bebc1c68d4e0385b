import type { Environment } from '../../config/environment.ts';
import { secretField, type Container } from '../../constructs/container.ts';
import type { OrchestrationDependencies } from './index.ts';
import { images } from './images.ts';

export const filesVolume = 'files';
const folder = '/sluice';
export const authoritiesFile = `${folder}/rds-authorities.pem`;
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

/** Puts the files into the task's volume that the image does not have: RDS certificates, dynamic configuration. */
export function filesContainer(env: Environment): Container {
  const bundle = `https://truststore.pki.rds.amazonaws.com/${env.region}/${env.region}-bundle.pem`;
  return {
    name: 'files',
    image: images.adminTools,
    // The volume belongs to root, the other containers only read it.
    user: 'root',
    essential: false,
    readOnly: true,
    mounts: { [filesVolume]: folder },
    environment: { DYNAMIC_CONFIG: dynamicConfig },
    command: [
      'sh',
      '-ec',
      `wget -q -O ${authoritiesFile} ${bundle}; printf '%s\\n' "$DYNAMIC_CONFIG" > ${dynamicConfigFile}`,
    ],
  };
}

export function reads(container: Container): Container {
  return {
    ...container,
    after: 'files',
    readOnly: true,
    mounts: { ...container.mounts, [filesVolume]: folder },
  };
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
