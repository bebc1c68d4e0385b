import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEcsServer, type EcsServer } from '../../../aws-local/ecs/server.ts';
import { s3ServerProgram, startS3Server, type S3Server } from '../../../aws-local/s3/server.ts';
import { startFaultProxy, type FaultProxy } from '../../../aws-local/services/faults.ts';
import { howToGet } from '../../../aws-local/services/tools.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { aContainer, OWNER, runsContainers } from '../conformance/containers.ts';
import { Exchange } from '../exchange.ts';
import { Ecs } from './ecs.ts';
import type { EcsPlace } from './place.ts';
import { Tasks } from './tasks.ts';

const IMAGE = 'registry.example.com/us/shell:1';
const CARRIER = 'registry.example.com/us/sluice:1';
const OUTPUT_LIMIT = 65_536;
const REGION = 'eu-central-1';

if (!s3ServerProgram())
  describe.skip(`ECS NOT TESTED: ${howToGet('versitygw')}`, () => it('runs containers', () => undefined));
else describe('ECS', { timeout: 180_000 }, runs);

function runs(): void {
  let folder: string;
  let s3Server: S3Server;
  let s3: S3Client;
  let server: EcsServer;
  let proxy: FaultProxy;
  let runner: Ecs;
  let tasks: Tasks;
  const place: EcsPlace = {
    cluster: 'sluice-test',
    subnets: ['subnet-1'],
    securityGroups: ['sg-1'],
    region: REGION,
    executionRole: 'arn:aws:iam::000000000000:role/execution',
    taskRole: 'arn:aws:iam::000000000000:role/task',
    logGroup: '/sluice/test/tasks',
    carrier: CARRIER,
    family: 'sluice-test',
    publicIp: false,
  };
  const never = () => new AbortController().signal;
  const ecs = (over: Partial<EcsPlace> = {}) =>
    new Ecs({
      place: { ...place, ...over },
      s3,
      bucket: 'lake',
      prefix: 'here',
      pathStyle: true,
      outputLimit: OUTPUT_LIMIT,
    });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecs-'));
    const keys = { accessKeyId: 'local', secretAccessKey: 'local-secret' };
    s3Server = await startS3Server({ folder, ...keys });
    s3 = s3Client({ endpoint: s3Server.endpoint, region: REGION, pathStyle: true, credentials: keys });
    await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
    server = await startEcsServer({
      cluster: place.cluster,
      images: [IMAGE, CARRIER],
      folder: join(folder, 'tasks'),
      logGroup: place.logGroup,
      env: {
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        AWS_ENDPOINT_URL_S3: s3Server.endpoint,
      },
    });
    proxy = await startFaultProxy(server.endpoint);
    Object.assign(process.env, {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_ECS: proxy.endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: proxy.endpoint,
    });
    runner = ecs();
    tasks = new Tasks(new ECSClient({ region: REGION }), place, new Exchange(s3, 'lake', 'here'), true);
  });
  afterAll(async () => {
    await server.stop();
    await proxy.stop();
    await s3Server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => proxy.heal());

  const underWayOf = async (token: string, owner: string) =>
    (await tasks.ofToken(aContainer(IMAGE, token, '', { owner }))).filter(({ isUnderWay }) => isUnderWay)
      .length;
  runsContainers(() => ({
    runner,
    image: IMAGE,
    underWay: async (token) => (await underWayOf(token, OWNER)) + (await underWayOf(token, 'another')),
    left: async (owner) => {
      const objects = await s3.send(
        new ListObjectsV2Command({ Bucket: 'lake', Prefix: `here/tasks/${owner}/` }),
      );
      const atWork = (await tasks.ofOwner(owner)).filter(({ isUnderWay }) => isUnderWay);
      return Math.max(atWork.length, objects.KeyCount ? 1 : 0);
    },
  }));

  const isStart = ({ headers }: { headers: Record<string, unknown> }) =>
    String(headers['x-amz-target']).endsWith('.RunTask');
  const startedBy = async (owner: string) => {
    const client = new ECSClient({ region: REGION });
    const [running, stopped] = await Promise.all(
      (['RUNNING', 'STOPPED'] as const).map((desiredStatus) =>
        client.send(new ListTasksCommand({ cluster: place.cluster, startedBy: owner, desiredStatus })),
      ),
    );
    return [...(running?.taskArns ?? []), ...(stopped?.taskArns ?? [])].length;
  };

  it('starts one task where the answer to the start is lost', async () => {
    proxy.strike({ where: isStart, fault: 'lose the answer' });
    const outcome = await runner.run(aContainer(IMAGE, 'lost', 'true', { owner: 'lost' }), never());
    expect(outcome.succeeded).toBe(true);
    expect(await startedBy('lost')).toBe(1);
  });

  it('says which image cannot be had, and which cluster is not there', async () => {
    await expect(runner.run(aContainer('no/such:1', 'unknown', 'true'), never())).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(/image 'no\/such:1' cannot be had.*not found/) as string,
    });
    await expect(
      ecs({ cluster: 'gone' }).run(aContainer(IMAGE, 'nowhere', 'true'), never()),
    ).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(/no such ECS cluster/) as string,
    });
  });

  it('says that command and variables are too long', async () => {
    const environment = { LONG: 'x'.repeat(9_000) };
    await expect(
      runner.run(aContainer(IMAGE, 'long-words', 'true', { environment }), never()),
    ).rejects.toThrow(/ECS takes 8192/);
  });

  it('has no result of an attempt before', async () => {
    const first = aContainer(IMAGE, 'stale', 'echo 1 > $SLUICE_OUTPUT; exit 75');
    await runner.run(first, never());
    const outcome = await runner.run({ ...first, command: ['sh', '-c', 'true'] }, never());
    expect(outcome).toMatchObject({ succeeded: true, output: null });
  });

  it.each([
    ['ThrottlingException', 400, 'Unreachable'],
    ['ServerException', 500, 'Unreachable'],
    ['AccessDeniedException', 400, 'TerminalError'],
    ['ClientException', 400, 'TerminalError'],
  ])('calls %s (%i) a %s', async (code, status, name) => {
    const body = JSON.stringify({ __type: code, message: 'said ECS' });
    for (let i = 0; i < 4; i += 1)
      proxy.strike({ where: isStart, fault: { status, body, type: 'application/x-amz-json-1.1' } });
    await expect(runner.run(aContainer(IMAGE, `e-${code}`, 'true'), never())).rejects.toMatchObject({ name });
  });
}
