import { describe, expect, it } from 'vitest';
import { awsPermissions, type AwsResource } from '../../connectors/aws/permissions.ts';
import type { Environment } from '../config/environment.ts';
import { environments } from '../config/index.ts';
import { extractJob, lakePrefixes, pagesPrefix } from '../contract.ts';
import { arnOf, bucketName, nameOf, parameterName, roleArn } from '../names.ts';
import { statementsOfRole, type PolicyStatement } from '../policy/iam.ts';
import { ofType, type Subject, text } from '../policy/resource.ts';
import { isResolved, resolvedSubject } from '../policy/subjects.ts';

/** What the worker may do although no adapter asks for it: `action` -> the reason. One that is not granted fails. */
const beyond: Readonly<Record<string, string>> = {};

const secretNames = ['ledger', 'olist-reader', 'warehouse-loader'];

function arnsOf(env: Environment, subject: Subject): Readonly<Record<AwsResource, readonly string[]>> {
  const bronze = `arn:aws:s3:::${bucketName(env, 'bronze')}`;
  const pages = `arn:aws:s3:::${bucketName(env, 'pages')}`;
  const keyArn = (what: string): string => arnOf(env, 'kms', `key/${what}-key`);
  const workgroup = ofType(subject, 'aws_redshiftserverless_workgroup').map(({ values }) =>
    text(values['arn']),
  );
  const secrets = ofType(subject, 'aws_secretsmanager_secret').filter(({ values }) =>
    secretNames.some((name) => values['name'] === `${env.project}/${env.name}/${name}`),
  );
  return {
    lake: [bronze],
    loads: [`${bronze}/${lakePrefixes.tables}*`],
    extracts: [`${bronze}/${lakePrefixes.extracts}*`],
    exports: [`${bronze}/${lakePrefixes.exports}*`],
    'lake key': [keyArn('raw')],
    job: [arnOf(env, 'glue', `job/${nameOf(env, 'extract')}`)],
    'job log': [arnOf(env, 'logs', `log-group:${extractJob.logGroup}/error:log-stream:*`)],
    workgroup,
    'own statements': ['*'],
    secrets: secrets.map(({ values }) => text(values['arn'])),
    'secrets key': [keyArn('secrets')],
    parameters: [arnOf(env, 'ssm', `parameter${parameterName(env, '*')}`)],
    topic: [arnOf(env, 'sns', nameOf(env, 'alerts'))],
    'topic key': [keyArn('operations')],
    'own metrics': ['*'],
    pages: [`${pages}/${pagesPrefix}*`],
    'bucket of pages': [pages],
    'pages key': [keyArn('curated')],
    'task definitions': [arnOf(env, 'ecs', `task-definition/${nameOf(env, 'task')}-*`)],
    'any task definition': ['*'],
    tasks: ['*'],
    'tasks of the cluster': [arnOf(env, 'ecs', `task/${nameOf(env, 'tasks')}/*`)],
    'task role': [roleArn(env, nameOf(env, 'tasks'))],
    'execution role': [roleArn(env, nameOf(env, 'tasks-execution'))],
    'log group of tasks': [arnOf(env, 'logs', `log-group:${parameterName(env, 'tasks')}:log-stream:*`)],
    'tasks/ of the lake': [`${bronze}/${lakePrefixes.tasks}*`],
  };
}

/** `s3:GetObject on arn:…` for everything that the adapters need. */
function needed(env: Environment, subject: Subject): string[] {
  const arns = arnsOf(env, subject);
  const pairs = awsPermissions.flatMap(({ calls }) =>
    Object.values(calls).flatMap((needs) =>
      Object.entries(needs).flatMap(([action, resources]) =>
        resources.flatMap((resource) => arns[resource].map((arn) => `${action} on ${arn}`)),
      ),
    ),
  );
  return [...new Set(pairs)].sort();
}

function workerStatements(env: Environment, subject: Subject): PolicyStatement[] {
  const role = ofType(subject, 'aws_iam_role').find(({ values }) => values['name'] === nameOf(env, 'worker'));
  if (!role) throw new Error('the worker has no role');
  return statementsOfRole(subject, role);
}

describe.each(environments.map((env) => ({ name: env.name, env })))(
  'the role of the worker, $name',
  ({ env }) => {
    const run = it.skipIf(!isResolved(env));
    const granted = (subject: Subject): string[] =>
      workerStatements(env, subject).flatMap(({ actions, resources }) =>
        actions.flatMap((action) => resources.map((arn) => `${action} on ${arn}`)),
      );

    run('allows what the adapters need, on what they need it', () => {
      const subject = resolvedSubject(env);
      const has = granted(subject);
      expect(needed(env, subject).length).toBeGreaterThan(30);
      expect(needed(env, subject).filter((pair) => !has.includes(pair))).toEqual([]);
    });

    run('allows nothing else', () => {
      const subject = resolvedSubject(env);
      const needs = needed(env, subject);
      const more = granted(subject).filter((pair) => !needs.includes(pair));
      expect([...new Set(more.map((pair) => pair.split(' ')[0]))]).toEqual(Object.keys(beyond));
    });

    run('narrows by condition what has no ARN, and its keys to the services that they are for', () => {
      const subject = resolvedSubject(env);
      const role = ofType(subject, 'aws_iam_role').find(
        ({ values }) => values['name'] === nameOf(env, 'worker'),
      );
      const owner = `${text(role?.values['unique_id'])}:*`;
      const narrow = /^(kms:|iam:PassRole|ecs:RunTask)/;
      const conditions = workerStatements(env, subject)
        .filter(
          ({ actions, resources }) => resources.includes('*') || actions.some((each) => narrow.test(each)),
        )
        .map(({ actions, condition }) => [actions.join(), condition]);
      const inCluster = {
        ArnEquals: { 'ecs:cluster': arnOf(env, 'ecs', `cluster/${nameOf(env, 'tasks')}`) },
      };
      const via = (...services: string[]): object => ({
        StringEquals: {
          'kms:ViaService': services.map((service) => `${service}.${env.region}.amazonaws.com`),
        },
      });
      expect(conditions).toEqual(
        expect.arrayContaining([
          ['kms:Decrypt,kms:GenerateDataKey', via('s3')],
          ['kms:Decrypt', via('secretsmanager', 'ssm')],
          ['kms:Decrypt,kms:GenerateDataKey', via('sns')],
          ['ecs:ListTasks', inCluster],
          ['ecs:RunTask', inCluster],
          ['ecs:DescribeTaskDefinition', {}],
          ['iam:PassRole', { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }],
          ['cloudwatch:PutMetricData', { StringEquals: { 'cloudwatch:namespace': 'Sluice' } }],
          [
            'redshift-data:DescribeStatement,redshift-data:GetStatementResult,redshift-data:CancelStatement',
            { StringLike: { 'redshift-data:statement-owner-iam-userid': owner } },
          ],
        ]),
      );
      expect(conditions).toHaveLength(10);
    });
  },
);
