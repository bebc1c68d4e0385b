import { EnvironmentSecrets } from '../connectors/secrets/environment.ts';
import { FileSecrets } from '../connectors/secrets/file.ts';
import type { Secrets } from '../connectors/secrets/port.ts';

/** Where the references of a profile are looked up: `${NAME}`, `${file:…}`, `${aws-secret:…}`, `${aws-parameter:…}`. */
export function secretStores(environment: Readonly<Record<string, string | undefined>>): readonly Secrets[] {
  return [
    new EnvironmentSecrets(environment),
    new FileSecrets(),
    whenAsked('aws-secret', async () => {
      const { AwsSecretsManager } = await import('../connectors/secrets/aws-secrets-manager.ts');
      return new AwsSecretsManager();
    }),
    whenAsked('aws-parameter', async () => {
      const { AwsParameters } = await import('../connectors/secrets/aws-parameters.ts');
      return new AwsParameters();
    }),
  ];
}

/** A store that is loaded by the first reference to it: an SDK takes longer than most commands. */
function whenAsked(scheme: string, load: () => Promise<Secrets>): Secrets {
  let store: Promise<Secrets> | undefined;
  return { scheme, read: async (name) => (await (store ??= load())).read(name) };
}
