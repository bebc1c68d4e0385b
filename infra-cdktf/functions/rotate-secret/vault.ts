import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Credentials } from '../provision/request.ts';
import type { Vault } from './rotation.ts';

const client = new SecretsManagerClient();

export const vault: Vault = {
  async describe(SecretId) {
    const { Name, VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
    return { name: Name ?? SecretId, versions: VersionIdsToStages ?? {} };
  },
  async read(SecretId, VersionStage, VersionId) {
    try {
      const { SecretString } = await client.send(
        new GetSecretValueCommand({ SecretId, VersionStage, VersionId }),
      );
      return SecretString === undefined ? undefined : (JSON.parse(SecretString) as Credentials);
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  },
  async add(SecretId, ClientRequestToken, credentials) {
    const SecretString = JSON.stringify(credentials);
    const VersionStages = ['AWSPENDING'];
    await client.send(
      new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages }),
    );
  },
  async promote(SecretId, MoveToVersionId, RemoveFromVersionId) {
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId,
        RemoveFromVersionId,
      }),
    );
  },
};
