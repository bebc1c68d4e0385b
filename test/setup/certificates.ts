import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A certificate authority of a test's own, in a folder of its own: certificates as `<name>.pem`, keys as `<name>.key`. */
export class Authority {
  readonly #folder: string;
  readonly #name: string;

  constructor(folder: string, name = 'ca') {
    this.#folder = folder;
    this.#name = name;
    this.#make(name, ['-addext', 'basicConstraints=critical,CA:TRUE']);
  }

  /** Its own certificate, which clients are to trust. */
  get root(): string {
    return join(this.#folder, `${this.#name}.pem`);
  }

  /** @param hosts as a certificate has them: `DNS:localhost`, `IP:127.0.0.1` */
  sign(name: string, hosts: readonly string[]): { certificate: string; key: string } {
    const by = ['-CA', this.root, '-CAkey', join(this.#folder, `${this.#name}.key`)];
    return this.#make(name, [...by, '-addext', `subjectAltName=${hosts.join(',')}`]);
  }

  #make(name: string, more: readonly string[]): { certificate: string; key: string } {
    const certificate = join(this.#folder, `${name}.pem`);
    const key = join(this.#folder, `${name}.key`);
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-subj', `/CN=sluice ${name}`, ...kind, '-keyout', key, '-out', certificate, ...more],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    return { certificate, key };
  }
}
