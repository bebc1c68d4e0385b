import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { messageOf, TerminalError, Unreachable } from '../../core/errors.ts';
import type { Secrets } from './port.ts';

export interface AwsParametersOptions {
  /** Where absent, the SDK finds it in the environment. Endpoint: `AWS_ENDPOINT_URL_SSM`. */
  readonly region?: string;
}

const ABSENT = new Set(['ParameterNotFound', 'ParameterVersionNotFound']);
const DENIED = new Set([
  'AccessDeniedException',
  'UnrecognizedClientException',
  'CredentialsProviderError',
  'InvalidKeyId',
]);

/**
 * Parameters of AWS Systems Manager, SecureString ones decrypted: `${aws-parameter:/sluice/olist/host}`.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
export class AwsParameters implements Secrets {
  readonly scheme = 'aws-parameter';
  readonly #client: SSMClient;

  constructor({ region }: AwsParametersOptions = {}) {
    this.#client = new SSMClient(region ? { region } : {});
  }

  async read(name: string): Promise<string | undefined> {
    try {
      const { Parameter } = await this.#client.send(
        new GetParameterCommand({ Name: name, WithDecryption: true }),
      );
      return Parameter?.Value;
    } catch (error) {
      const kind = error instanceof Error ? error.name : '';
      if (ABSENT.has(kind)) return undefined;
      const options = { cause: error };
      if (DENIED.has(kind)) {
        throw new TerminalError(
          `Parameter ${name} may not be read (${messageOf(error)}). Give the role ssm:GetParameter on it, and kms:Decrypt on its key.`,
          options,
        );
      }
      throw new Unreachable(
        `Parameter ${name} could not be read (${kind}: ${messageOf(error)}). Try again.`,
        options,
      );
    }
  }
}
