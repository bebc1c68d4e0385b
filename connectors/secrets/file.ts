import { readFile } from 'node:fs/promises';
import { TerminalError, TransientError, messageOf } from '../../core/errors.ts';
import type { Secrets } from './port.ts';

/** Files with one value each, as Docker and Kubernetes mount them: `${file:/run/secrets/olist_password}`. */
export class FileSecrets implements Secrets {
  readonly scheme = 'file';

  async read(path: string): Promise<string | undefined> {
    try {
      return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'ENOENT') return undefined;
      const Kind =
        code === 'EACCES' || code === 'EPERM' || code === 'EISDIR' ? TerminalError : TransientError;
      throw new Kind(`Secret file ${path} cannot be read: ${messageOf(error)}. Check its permissions.`, {
        cause: error,
      });
    }
  }
}
