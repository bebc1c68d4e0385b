import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { messageOf, TerminalError, Unreachable } from '../../core/errors.ts';
import type { Secrets } from './port.ts';

export interface AwsSecretsManagerOptions {
  /** Where absent, the SDK finds it in the environment. Endpoint: `AWS_ENDPOINT_URL_SECRETS_MANAGER`. */
  readonly region?: string;
}

/** How long a value is used before it is read again; a rotated password arrives with the next start at the latest. Milliseconds. */
const FRESH = 60_000;
const DENIED = new Set(['AccessDeniedException', 'UnrecognizedClientException', 'CredentialsProviderError']);

/**
 * AWS Secrets Manager: `${aws-secret:NAME}` for a whole secret, `${aws-secret:arn:aws:secretsmanager:…#password}` for a field of
 * one that is JSON. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export class AwsSecretsManager implements Secrets {
  readonly scheme = 'aws-secret';
  readonly #client: SecretsManagerClient;
  readonly #read = new Map<string, { readonly at: number; readonly text: Promise<string | undefined> }>();

  constructor({ region }: AwsSecretsManagerOptions = {}) {
    this.#client = new SecretsManagerClient(region ? { region } : {});
  }

  async read(name: string): Promise<string | undefined> {
    const [id = '', field] = name.split('#');
    const text = await this.#text(id);
    return text === undefined || field === undefined ? text : fieldOf(text, id, field);
  }

  /** One request for all fields of a secret. */
  #text(id: string): Promise<string | undefined> {
    const known = this.#read.get(id);
    if (known && Date.now() - known.at < FRESH) return known.text;
    const text = this.#ask(id);
    this.#read.set(id, { at: Date.now(), text });
    text.catch(() => this.#read.delete(id));
    return text;
  }

  async #ask(id: string): Promise<string | undefined> {
    try {
      const { SecretString } = await this.#client.send(new GetSecretValueCommand({ SecretId: id }));
      if (SecretString !== undefined) return SecretString;
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (name === 'ResourceNotFoundException') return undefined;
      const options = { cause: error };
      if (DENIED.has(name)) {
        throw new TerminalError(
          `Secret ${id} may not be read (${messageOf(error)}). Give the role secretsmanager:GetSecretValue on it, and kms:Decrypt on its key.`,
          options,
        );
      }
      throw new Unreachable(
        `Secret ${id} could not be read (${name}: ${messageOf(error)}). Try again.`,
        options,
      );
    }
    throw new TerminalError(`Secret ${id} is binary. Store it as text.`);
  }
}

/** @throws {TerminalError} that never holds the secret itself */
function fieldOf(text: string, id: string, field: string): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new TerminalError(
      `Secret ${id} is no JSON, so it has no field '${field}'. Store it like {"username": "…", "password": "…"}, or refer to it without #${field}.`,
    );
  }
  const value =
    typeof document === 'object' && document !== null
      ? (document as Readonly<Record<string, unknown>>)[field]
      : undefined;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new TerminalError(`Field '${field}' of secret ${id} is no text. Refer to a field that is.`);
}
