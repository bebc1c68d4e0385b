/** A job as it is deployed; the fields of Glue's `Job` that matter here. https://docs.aws.amazon.com/glue/latest/webapi/API_Job.html */
export interface LocalJob {
  readonly Name: string;
  /** `s3://bucket/key` of the script. */
  readonly ScriptLocation: string;
  /** `--extra-py-files` as comma-separated S3 URIs; the rest goes to the script. */
  readonly DefaultArguments?: Readonly<Record<string, string>>;
  /** Default 1, as Glue's. */
  readonly MaxConcurrentRuns?: number;
  /** Minutes; default 480 as Glue 5's. Fractions are taken here. */
  readonly Timeout?: number;
}

export type RunState =
  'STARTING' | 'RUNNING' | 'STOPPING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED' | 'TIMEOUT' | 'ERROR';

/** A job run, as GetJobRun answers it: times are seconds since 1970. https://docs.aws.amazon.com/glue/latest/webapi/API_JobRun.html */
export interface JobRun {
  readonly Id: string;
  readonly JobName: string;
  readonly Arguments: Readonly<Record<string, string>>;
  readonly Attempt: number;
  readonly GlueVersion: string;
  readonly LogGroupName: string;
  readonly StartedOn: number;
  JobRunState: RunState;
  LastModifiedOn: number;
  CompletedOn?: number;
  ExecutionTime: number;
  ErrorMessage?: string;
}

const OVER: readonly RunState[] = ['STOPPED', 'SUCCEEDED', 'FAILED', 'TIMEOUT', 'ERROR'];

export function isOver({ JobRunState }: JobRun): boolean {
  return OVER.includes(JobRunState);
}
