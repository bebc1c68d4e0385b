import { AwsParameters } from '../connectors/secrets/aws-parameters.ts';
import { AwsSecretsManager } from '../connectors/secrets/aws-secrets-manager.ts';
import { EnvironmentSecrets } from '../connectors/secrets/environment.ts';
import { FileSecrets } from '../connectors/secrets/file.ts';
import type { Secrets } from '../connectors/secrets/port.ts';

/** Where the references of a profile are looked up: `${NAME}`, `${file:…}`, `${aws-secret:…}`, `${aws-parameter:…}`. */
export function secretStores(environment: Readonly<Record<string, string | undefined>>): readonly Secrets[] {
  return [
    new EnvironmentSecrets(environment),
    new FileSecrets(),
    new AwsSecretsManager(),
    new AwsParameters(),
  ];
}
