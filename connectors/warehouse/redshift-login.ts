import { z } from 'zod';
import { TerminalError } from '../../core/errors.ts';
import type { RedshiftLogin } from './redshift.ts';

/**
 * What AWS keeps in the secret of a Redshift user: JSON with `username` and `password`, and where it is managed by Redshift also `host`
 * and `port`. https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
 */
const redshiftSecret = z.object({
  username: z.string().min(1),
  password: z.string().min(1),
  host: z.string().min(1).optional(),
  port: z.coerce.number().int().optional(),
});

/**
 * A login from the text of a secret. What is stated in the profile goes before what the secret says.
 * @throws {TerminalError} naming the secret and the fields that are missing; never what is in it
 */
export function loginFromSecret(
  name: string,
  text: string,
  stated: { readonly host?: string; readonly port?: number; readonly sslmode?: string } = {},
): RedshiftLogin {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new TerminalError(
      `Secret '${name}' is no JSON. Store {"username": …, "password": …, "host": …} in it.`,
    );
  }
  const parsed = redshiftSecret.safeParse(json);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'an object').join(', ');
    throw new TerminalError(
      `Secret '${name}' lacks ${fields}. Store {"username": …, "password": …, "host": …} in it.`,
    );
  }
  const { username: user, password } = parsed.data;
  const host = stated.host ?? parsed.data.host;
  if (host === undefined)
    throw new TerminalError(`Secret '${name}' names no host. Add 'host' to the warehouse in the profile.`);
  const { sslmode } = stated;
  return {
    host,
    port: stated.port ?? parsed.data.port ?? 5439,
    user,
    password,
    ...(sslmode === undefined ? {} : { sslmode }),
  };
}
