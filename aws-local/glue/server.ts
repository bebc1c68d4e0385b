import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { JobRuns } from './job-runs.ts';
import { logPath, type JobEnvironment } from './job-process.ts';
import type { LocalJob } from './jobs.ts';
import { startJsonService, type Answers } from '../services/json-service.ts';
import { ServiceError } from '../services/service-error.ts';

export interface GlueServerOptions extends JobEnvironment {
  readonly host?: string;
  readonly port?: number | undefined;
  readonly jobs: readonly LocalJob[];
  /** Of a service at the same address; log calls for groups other than Glue's are its own. */
  readonly beside?: Answers | undefined;
}

export interface GlueServer {
  /** Answers Glue and the log calls that go with it: `AWS_ENDPOINT_URL_GLUE`, `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`. */
  readonly endpoint: string;
  /** Ends every job run with it. */
  stop(): Promise<void>;
}

const PAGE = 200; // the limit of GetJobRuns
const LOG_LINES = 1_000;
const LOGS = 'Logs_20140328.GetLogEvents';
const LOG_GROUP = '/aws-glue/jobs/error';

const name = z.object({ JobName: z.string() });
const one = name.extend({ RunId: z.string() });

export async function startGlueServer(options: GlueServerOptions): Promise<GlueServer> {
  const runs = new JobRuns(options.jobs, options);
  const others = options.beside ?? {};
  const answers: Answers = {
    ...others,
    'AWSGlue.StartJobRun': (input) => {
      const { JobName, Arguments } = name
        .extend({ Arguments: z.record(z.string(), z.string()).default({}) })
        .parse(input);
      return { JobRunId: runs.start(JobName, Arguments).Id };
    },
    'AWSGlue.GetJobRun': (input) => {
      const { JobName, RunId } = one.parse(input);
      return { JobRun: runs.run(JobName, RunId) };
    },
    'AWSGlue.GetJobRuns': (input) => {
      const { JobName, NextToken, MaxResults } = name
        .extend({ NextToken: z.string().default('0'), MaxResults: z.int().max(PAGE).default(PAGE) })
        .parse(input);
      const from = Number(NextToken);
      const all = runs.runsOf(JobName);
      const more = from + MaxResults < all.length ? { NextToken: String(from + MaxResults) } : {};
      return { JobRuns: all.slice(from, from + MaxResults), ...more };
    },
    'AWSGlue.BatchStopJobRun': (input) => {
      const { JobName, JobRunIds } = name.extend({ JobRunIds: z.array(z.string()) }).parse(input);
      const outcomes = JobRunIds.map((JobRunId) => stopped(runs, JobName, JobRunId));
      return {
        SuccessfulSubmissions: outcomes.filter((each) => !('ErrorDetail' in each)),
        Errors: outcomes.filter((each) => 'ErrorDetail' in each),
      };
    },
    'AWSGlue.GetJob': (input) => {
      const { JobName } = name.parse(input);
      const { ScriptLocation, DefaultArguments = {}, MaxConcurrentRuns = 1, ...job } = runs.job(JobName);
      return {
        Job: {
          ...job,
          DefaultArguments,
          GlueVersion: '5.1',
          Command: { Name: 'glueetl', ScriptLocation, PythonVersion: '3' },
          ExecutionProperty: { MaxConcurrentRuns },
        },
      };
    },
    [LOGS]: async (input) => {
      const { logGroupName, logStreamName, limit } = z
        .object({ logGroupName: z.string(), logStreamName: z.string(), limit: z.int().default(LOG_LINES) })
        .parse(input);
      if (logGroupName !== LOG_GROUP && others[LOGS]) return others[LOGS](input);
      const text = await readFile(logPath(options.folder, logStreamName), 'utf8').catch(() => undefined);
      if (text === undefined || logGroupName !== LOG_GROUP) {
        throw new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');
      }
      const events = text
        .trimEnd()
        .split('\n')
        .slice(-limit)
        .map((message) => ({ message, timestamp: Date.now(), ingestionTime: Date.now() }));
      return { events, nextForwardToken: 'f/0', nextBackwardToken: 'b/0' };
    },
  };
  const service = await startJsonService(answers, options);
  return {
    endpoint: service.endpoint,
    async stop() {
      await runs.close();
      await service.stop();
    },
  };
}

function stopped(runs: JobRuns, JobName: string, JobRunId: string) {
  try {
    runs.stop(JobName, JobRunId);
    return { JobName, JobRunId };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { JobName, JobRunId, ErrorDetail: { ErrorCode: error.code, ErrorMessage: error.message } };
  }
}
