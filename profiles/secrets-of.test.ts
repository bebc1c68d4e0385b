import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { EnvironmentSecrets } from '../connectors/secrets/environment.ts';
import { readProfile } from './read.ts';
import { secretsOf } from './secrets-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'profile-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The engine's own profile for a laptop, with variables of tasks. */
async function read(tasks: object) {
  const file = join(folder, 'own.yaml');
  const engines = readFileSync(join(import.meta.dirname, 'embedded.yaml'), 'utf8');
  const ports = ['SLUICE_POSTGRES_PORT', 'SLUICE_MYSQL_PORT'];
  const secrets = ['SLUICE_POSTGRES_PASSWORD', 'SLUICE_MYSQL_PASSWORD'];
  const texts = ['TEMPORAL_ADDRESS', 'SLUICE_HOME', 'SLUICE_PYTHON', 'SLUICE_PROJECT'];
  const environment = {
    TOKEN: 's3cret-token',
    TEMPORAL_UI: 'http://localhost',
    ...Object.fromEntries(ports.map((name) => [name, '1234'])),
    ...Object.fromEntries([...texts, ...secrets].map((name) => [name, 'x'])),
  };
  writeFileSync(file, `${engines.replaceAll(/^tasks:.*$/gm, '')}\ntasks: ${JSON.stringify(tasks)}\n`);
  return readProfile(file, [new EnvironmentSecrets(environment)]);
}

it('takes for secrets what references have brought to tasks, and not what the profile says itself', async () => {
  const env = { TOKEN: '${TOKEN}', URL: 'https://shop/?key=${TOKEN}', REGION: 'eu-central-1' };
  const profile = await read({ score: { env } });
  expect(profile.tasks['score']?.env).toEqual({
    TOKEN: 's3cret-token',
    URL: 'https://shop/?key=s3cret-token',
    REGION: 'eu-central-1',
  });
  const secrets = secretsOf(profile);
  expect(secrets).toEqual(expect.arrayContaining(['s3cret-token', 'https://shop/?key=s3cret-token']));
  expect(secrets).not.toContain('eu-central-1');
});
