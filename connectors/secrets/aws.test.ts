import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { motoProgram, startMoto, type MotoServer } from '../../aws-local/services/moto.ts';
import { startFaultProxy, type FaultProxy } from '../../aws-local/services/faults.ts';
import { howToGet } from '../../aws-local/services/tools.ts';
import { AwsParameters } from './aws-parameters.ts';
import { AwsSecretsManager } from './aws-secrets-manager.ts';

const missing = motoProgram() ? undefined : howToGet('moto (.tools/moto)');
if (missing) describe.skip(`Secrets of AWS NOT TESTED: ${missing}`, () => it('reads', () => undefined));
else describe('secrets of AWS', reads);

function reads(): void {
  let folder: string;
  let moto: MotoServer;
  let proxy: FaultProxy;
  let arn: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'secrets-'));
    moto = await startMoto(folder);
    proxy = await startFaultProxy(moto.endpoint);
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: proxy.endpoint,
      AWS_ENDPOINT_URL_SSM: proxy.endpoint,
    });
    const secrets = new SecretsManagerClient();
    const put = (Name: string, SecretString: string) =>
      secrets.send(new CreateSecretCommand({ Name, SecretString }));
    arn =
      (await put('olist', JSON.stringify({ username: 'u', password: 'p:a}ß', port: 5432, more: {} }))).ARN ??
      '';
    await put('plain', 'not json');
    await new SSMClient().send(
      new PutParameterCommand({ Name: '/sluice/olist/host', Value: 'db.internal', Type: 'SecureString' }),
    );
  });
  afterAll(async () => {
    await proxy.stop();
    await moto.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('reads fields of a secret by its ARN, and a whole one by its name', async () => {
    const secrets = new AwsSecretsManager();
    expect(await secrets.read(`${arn}#password`)).toBe('p:a}ß');
    expect(await secrets.read(`${arn}#port`)).toBe('5432');
    expect(await secrets.read('plain')).toBe('not json');
  });

  it('has no value where there is no secret, no field, no parameter', async () => {
    const secrets = new AwsSecretsManager();
    expect(await secrets.read('none#password')).toBeUndefined();
    expect(await secrets.read(`${arn}#none`)).toBeUndefined();
    expect(await new AwsParameters().read('/sluice/none')).toBeUndefined();
  });

  it('names a malformed secret and the shape it should have, without its content', async () => {
    const failure: unknown = await new AwsSecretsManager()
      .read('plain#password')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'TerminalError' });
    expect(String(failure)).toMatch(/Secret plain is no JSON.*"username"/);
    expect(String(failure)).not.toContain('not json');
    await expect(new AwsSecretsManager().read(`${arn}#more`)).rejects.toThrow(/Field 'more' .* is no text/);
  });

  it('decrypts parameters', async () => {
    expect(await new AwsParameters().read('/sluice/olist/host')).toBe('db.internal');
  });

  it('asks once for all fields of a secret', async () => {
    const secrets = new AwsSecretsManager();
    await secrets.read(`${arn}#username`);
    proxy.strike({ where: () => true, fault: { status: 400, body: '{}' }, times: 9 });
    expect(await secrets.read(`${arn}#password`)).toBe('p:a}ß');
    proxy.heal();
  });

  it('names the permission that is missing', async () => {
    const fault = {
      status: 400,
      type: 'application/x-amz-json-1.1',
      body: JSON.stringify({ __type: 'AccessDeniedException', message: 'no' }),
    };
    proxy.strike({ where: () => true, fault, times: 2 });
    await expect(new AwsSecretsManager().read('olist')).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(/secretsmanager:GetSecretValue/) as string,
    });
    await expect(new AwsParameters().read('/sluice/olist/host')).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(/ssm:GetParameter/) as string,
    });
    proxy.heal();
  });
}
