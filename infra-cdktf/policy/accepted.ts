/** What checkers of other makers find and we leave: `policy/rules` are our own rules, these are other people's. */
export interface Accepted {
  readonly tool: 'checkov' | 'tfsec';
  readonly check: string;
  /** Of the resources `<type>.<stack>-<id>` that it is about; all of them when absent. */
  readonly resources?: RegExp;
  /** Only there; everywhere when absent. */
  readonly environments?: readonly string[];
  readonly reason: string;
}

const relaxed = ['dev', 'staging'];
const accessLogs = /storage-logs|account-trail-access/;

const checkov: readonly Omit<Accepted, 'tool'>[] = [
  {
    check: 'CKV2_AWS_34',
    reason: 'addresses and names; our rule no-secret-values refuses a secret among them',
  },
  {
    check: 'CKV2_AWS_5',
    reason: 'attached by other stacks, or through attributes that the checker does not read',
  },
  {
    check: 'CKV2_AWS_57',
    resources: /-replicator-secret/,
    reason: 'DMS keeps the password that its task began with: changed by hand, with the task stopped',
  },
  { check: 'CKV2_AWS_62', reason: 'nobody waits for objects in any bucket but bronze' },
  {
    check: 'CKV_AWS_115',
    reason:
      'called by a deployment or by a file that arrived; a reserved share takes from every other function',
  },
  {
    check: 'CKV_AWS_144',
    reason: 'the loss of a region is not covered: docs/infrastructure-operations.md, "Disaster recovery"',
  },
  { check: 'CKV_AWS_145', resources: accessLogs, reason: 'S3 delivers access logs to SSE-S3 only' },
  { check: 'CKV_AWS_157', environments: relaxed, reason: 'outside production a zone may be waited for' },
  {
    check: 'CKV_AWS_161',
    reason: 'Temporal, Glue and DMS sign in with a password; it is in a secret that Terraform never sees',
  },
  { check: 'CKV_AWS_173', reason: 'these functions have no variables; the key is set all the same' },
  {
    check: 'CKV_AWS_24',
    resources: /-to-(emr|glue)-0-ingress/,
    reason: 'from the group itself, which the checker does not read',
  },
  {
    check: 'CKV_AWS_25',
    resources: /-to-(emr|glue)-0-ingress/,
    reason: 'from the group itself, which the checker does not read',
  },
  {
    check: 'CKV_AWS_260',
    resources: /-to-(emr|glue)-0-ingress/,
    reason: 'from the group itself, which the checker does not read',
  },
  { check: 'CKV_AWS_252', reason: 'the trail goes to CloudWatch Logs, where alarms are made from it' },
  {
    check: 'CKV_AWS_272',
    reason: 'bundled and deployed by the same job; a signature by that job would add nothing',
  },
  {
    check: 'CKV_AWS_293',
    environments: relaxed,
    reason: 'outside production an environment is meant to be destroyed',
  },
  { check: 'CKV_AWS_296', reason: 'credentials are in a secret with a key of ours; the endpoint holds none' },
  {
    check: 'CKV_AWS_298',
    reason:
      'files are encrypted with a key of ours (server_side_encryption_kms_key_id); the endpoint holds no secret',
  },
  { check: 'CKV_AWS_332', reason: 'pinned to 1.4.0, which is the latest; another would arrive untested' },
  {
    check: 'CKV_AWS_336',
    resources: /ui-task/,
    reason: 'its door: the agent of Session Manager has to be able to write there',
  },
  {
    check: 'CKV_AWS_338',
    environments: relaxed,
    reason: 'logs are kept as long as the environment says; production keeps them a year',
  },
  { check: 'CKV_AWS_353', reason: 'Performance Insights ended in June 2026; enhanced monitoring is on' },
  {
    check: 'CKV_AWS_355',
    reason:
      'test/statements.test.ts holds every action on * to AWS’s reference of this year; the checker knows an older one',
  },
  { check: 'CKV_AWS_50', reason: 'one call, one log: there is nothing to trace through' },
  {
    check: 'CKV_AWS_99',
    reason: 'the log groups have a key themselves; a mode here would change their names (decision 25)',
  },
];

const tfsec: readonly Omit<Accepted, 'tool'>[] = [
  { check: 'aws-ecs-no-plaintext-secrets', reason: 'ARNs of secrets, not secrets' },
  {
    check: 'aws-iam-no-policy-wildcards',
    reason:
      'prefixes of names and objects below them; test/statements.test.ts and iam-matrix.test.ts say what they reach',
  },
  { check: 'aws-lambda-enable-tracing', reason: 'one call, one log: there is nothing to trace through' },
  {
    check: 'aws-rds-enable-performance-insights',
    reason: 'Performance Insights ended in June 2026; enhanced monitoring is on',
  },
  {
    check: 'aws-rds-specify-backup-retention',
    environments: ['dev'],
    reason: 'a day is enough where data can be generated again',
  },
  {
    check: 'aws-s3-enable-bucket-logging',
    resources: accessLogs,
    reason: 'where the logs go: a log of it would grow by itself',
  },
  {
    check: 'aws-s3-encryption-customer-key',
    resources: accessLogs,
    reason: 'S3 delivers access logs to SSE-S3 only',
  },
];

export const accepted: readonly Accepted[] = [
  ...checkov.map((each) => ({ ...each, tool: 'checkov' as const })),
  ...tfsec.map((each) => ({ ...each, tool: 'tfsec' as const })),
];
