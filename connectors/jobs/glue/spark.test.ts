import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3ServerProgram, startS3Server, type S3Server } from '../../../aws-local/s3/server.ts';
import { howToGet } from '../../../aws-local/services/tools.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { orAborted } from '../../../core/abort.ts';
import { HandedOver } from '../../../core/errors.ts';
import { Exchange } from '../exchange.ts';
import type { JobRunner, SparkJob, SparkTaskJob } from '../port.ts';
import { GlueSpark, type StoppableJobs } from './spark.ts';

const job: SparkTaskJob = {
  subject: "shop's task 'prepare'",
  token: 'r1/prepare',
  owner: 'r1',
  name: 'shop-prepare',
  job: 'prepare',
  arguments: { '--pipeline': 'shop' },
  environment: {},
  input: '{"pipeline": "shop"}',
  timeoutMs: 60_000,
};

describe.skipIf(!s3ServerProgram())(
  `a task's job on Glue${s3ServerProgram() ? '' : ` NOT TESTED: ${howToGet('versitygw')}`}`,
  { timeout: 60_000 },
  () => {
    let folder: string;
    let server: S3Server;
    let s3: S3Client;
    const never = () => new AbortController().signal;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'glue-spark-'));
      const keys = { accessKeyId: 'local', secretAccessKey: 'local-secret' };
      server = await startS3Server({ folder, ...keys });
      s3 = s3Client({
        endpoint: server.endpoint,
        region: 'eu-central-1',
        pathStyle: true,
        credentials: keys,
      });
      await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
    });
    afterAll(async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const sparkOn = (jobs: JobRunner<SparkJob>, stop: StoppableJobs['stop'] = () => Promise.resolve()) =>
      new GlueSpark({
        jobs: { ...jobs, stop },
        exchange: new Exchange(s3, 'lake', ''),
        prefix: 'sluice-test-',
        outputLimit: 65_536,
      });

    it('finds its input in the lake and leaves its result there, until its run has ended', async () => {
      const asked: SparkJob[] = [];
      const spark = sparkOn({
        run: async (request) => {
          asked.push(request);
          const at = (name: string) => new URL(request.arguments[name] ?? '').pathname.slice(1);
          const input = await s3.send(new GetObjectCommand({ Bucket: 'lake', Key: at('--input-uri') }));
          const Body = `{"told": ${(await input.Body?.transformToString()) ?? ''}}`;
          await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: at('--output-uri'), Body }));
          return { jobRunId: 'jr_1', succeeded: true, message: null, seconds: 1, ending: 'exited' };
        },
      });
      const outcome = await spark.run(job, never());
      expect(outcome.output?.text).toBe('{"told": {"pipeline": "shop"}}');
      expect(asked[0]).toMatchObject({ job: 'sluice-test-prepare', token: 'r1/prepare' });
      await spark.release('r1');
      const quiet = sparkOn({
        run: () =>
          Promise.resolve({ jobRunId: 'jr_2', succeeded: true, message: null, seconds: 1, ending: 'exited' }),
      });
      expect((await quiet.run(job, never())).output).toBeNull();
    });

    it('keeps the time of the task, and passes on who hands it over', async () => {
      const endless: JobRunner<SparkJob> = {
        run: (_request, signal) => orAborted(new Promise(() => undefined), signal),
      };
      const late = await sparkOn(endless).run({ ...job, timeoutMs: 200 }, never());
      expect(late).toMatchObject({ succeeded: false, ending: 'timed out' });
      const abort = new AbortController();
      const left = sparkOn(endless).run(job, abort.signal);
      abort.abort(new HandedOver('the worker stops'));
      await expect(left).rejects.toBeInstanceOf(HandedOver);
    });

    it('stops what a run has left at work when the run is closed, be the worker gone that had begun it', async () => {
      const gone = sparkOn({ run: () => Promise.reject(new Error('the worker was killed')) });
      await expect(gone.run(job, never())).rejects.toThrow('killed');
      await expect(gone.run({ ...job, owner: 'r2', token: 'r2/prepare' }, never())).rejects.toThrow();
      const stopped: unknown[] = [];
      const another = sparkOn({ run: () => Promise.reject(new Error('started')) }, (which) => {
        stopped.push(which);
        return Promise.resolve();
      });
      await another.release('r1');
      await another.release('r1');
      expect(stopped).toEqual([{ job: 'sluice-test-prepare', token: 'r1/prepare' }]);
    });

    it('refuses secrets, which Glue would show to everybody', async () => {
      const spark = sparkOn({ run: () => Promise.reject(new Error('started')) });
      await expect(spark.run({ ...job, environment: { TOKEN: 'x' } }, never())).rejects.toThrow(
        /is given no variables \(TOKEN\)/,
      );
    });
  },
);
