import type { Environment } from '../../config/environment.ts';
import { readObjects, useKey, writeObjects } from '../../constructs/permissions.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';
import { readCatalog } from '../ingestion/catalog.ts';
import type { StorageStack } from '../storage/index.ts';

/** Athena over silver and gold, in the workgroup with its scan limit; reads data, writes nothing but results. */
export function queryLake(
  env: Environment,
  { buckets, keys }: StorageStack,
  workgroupArn: string,
): Statement[] {
  const results = 'athena/';
  return [
    allow(
      [
        'athena:BatchGetQueryExecution',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:GetWorkGroup',
        'athena:ListQueryExecutions',
        'athena:StartQueryExecution',
        'athena:StopQueryExecution',
      ],
      [workgroupArn],
    ),
    readCatalog(env, ['silver', 'gold']),
    ...readObjects(buckets.silver),
    ...readObjects(buckets.gold),
    ...readObjects(buckets.results, results),
    writeObjects(buckets.results, results),
    useKey([keys.curated.arn], ['s3'], env.region),
  ];
}
