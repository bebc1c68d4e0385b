import type { Environment } from '../../config/environment.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';
import { arnOf, nameOf, parameterName } from '../../names.ts';
import { verbs } from './verbs.ts';

/** Databases, the warehouse, and secrets: ours by name, the administrators' as the services make them. */
export function databaseStatements(env: Environment): Statement[] {
  const own = nameOf(env, '*');
  const at = (service: string, ...parts: string[]): string[] =>
    parts.map((part) => arnOf(env, service, part));
  const tagged = { StringEquals: { 'aws:ResourceTag/Environment': env.name } };
  const warehouse = at('redshift-serverless', 'namespace/*', 'workgroup/*');
  return [
    allow(
      verbs(
        'rds',
        'AddRoleToDBInstance',
        'AddTagsToResource',
        'CreateDBInstance',
        'CreateDBParameterGroup',
        'CreateDBSnapshot',
        'CreateDBSubnetGroup',
        'DeleteDBInstance',
        'DeleteDBParameterGroup',
        'DeleteDBSubnetGroup',
        'DescribeDBParameter*',
        'DescribeDBSubnetGroups',
        'ListTagsForResource',
        'ModifyDBInstance',
        'ModifyDBParameterGroup',
        'ModifyDBSubnetGroup',
        'RebootDBInstance',
        'RemoveRoleFromDBInstance',
        'RemoveTagsFromResource',
        'ResetDBParameterGroup',
      ),
      at('rds', `db:${own}`, `pg:${own}`, `subgrp:${own}`, `snapshot:${own}`),
    ),
    allow(verbs('rds', 'CreateDBInstance', 'ModifyDBInstance'), at('rds', 'og:default:*')),
    // Asked for with a filter: authorised on every instance.
    allow(verbs('rds', 'DescribeDBInstances'), ['*']),
    allow(verbs('redshift-serverless', 'CreateNamespace', 'CreateWorkgroup'), warehouse, {
      StringEquals: { 'aws:RequestTag/Environment': env.name },
    }),
    allow(
      verbs(
        'redshift-serverless',
        'DeleteNamespace',
        'DeleteWorkgroup',
        'GetNamespace',
        'GetWorkgroup',
        'ListTagsForResource',
        'UntagResource',
        'UpdateNamespace',
        'UpdateWorkgroup',
      ),
      warehouse,
      tagged,
    ),
    allow(verbs('redshift-serverless', 'TagResource'), warehouse, {
      StringEqualsIfExists: { 'aws:ResourceTag/Environment': env.name },
    }),
    allow(
      verbs(
        'redshift-serverless',
        'CreateUsageLimit',
        'DeleteUsageLimit',
        'GetUsageLimit',
        'UpdateUsageLimit',
      ),
      ['*'],
    ),
    allow(
      verbs(
        'secretsmanager',
        'CancelRotateSecret',
        'CreateSecret',
        'DeleteSecret',
        'DescribeSecret',
        'GetResourcePolicy',
        'RotateSecret',
        'TagResource',
        'UntagResource',
        'UpdateSecret',
      ),
      at('secretsmanager', `secret:${parameterName(env, '*').slice(1)}`),
    ),
    allow(
      verbs('secretsmanager', 'CreateSecret', 'RotateSecret', 'TagResource'),
      at('secretsmanager', 'secret:rds!*'),
    ),
    allow(
      verbs(
        'secretsmanager',
        'CreateSecret',
        'DeleteSecret',
        'DescribeSecret',
        'RotateSecret',
        'TagResource',
        'UpdateSecret',
      ),
      at('secretsmanager', 'secret:redshift!*'),
    ),
  ];
}
