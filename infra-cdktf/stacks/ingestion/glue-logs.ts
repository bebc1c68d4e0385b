import type { Environment } from '../../config/environment.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';
import { extractJob } from '../../contract.ts';
import { arnOf } from '../../names.ts';

/**
 * The log groups that Glue 5 writes to, by who writes; shared by the account, made in its stack. Other names would need a security
 * configuration or an argument, and then GetJobRun would not tell the worker where the log is.
 * https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
 */
export const glueLogGroups = {
  jobs: [`${extractJob.logGroup}/error`, `${extractJob.logGroup}/output`],
  crawlers: ['/aws-glue/crawlers'],
} as const;

export function writeGlueLogs(env: Environment, groups: readonly string[]): Statement {
  return allow(
    // In a region without the account's stack Glue makes its groups itself.
    ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
    groups.flatMap((group) => {
      const arn = arnOf(env, 'logs', `log-group:${group}`);
      return [arn, `${arn}:*`];
    }),
  );
}
