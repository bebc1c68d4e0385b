import { GlueCatalogDatabase } from '@cdktf/provider-aws/lib/glue-catalog-database/index.js';
import { GlueCrawler, type GlueCrawlerConfig } from '@cdktf/provider-aws/lib/glue-crawler/index.js';
import { GlueSecurityConfiguration } from '@cdktf/provider-aws/lib/glue-security-configuration/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { decryptWith, readObjects } from '../../constructs/permissions.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';
import { deltaTables } from '../../contract.ts';
import { workloadRole } from '../../constructs/workload-role.ts';
import { arnOf, catalogName, layers, nameOf, type Layer } from '../../names.ts';
import type { StorageStack } from '../storage/index.ts';
import { glueLogGroups, writeGlueLogs } from './glue-logs.ts';

export interface Catalog {
  readonly databases: Readonly<Record<Layer, GlueCatalogDatabase>>;
  readonly crawlers: readonly GlueCrawler[];
  readonly security: GlueSecurityConfiguration;
}

/** Bronze is catalogued by the worker, which knows the loads that count; a crawler would show replaced loads as well. */
export const crawledLayers = ['silver', 'gold'] as const;

export function catalog(scope: Construct, env: Environment, storage: StorageStack): Catalog {
  const database = (layer: Layer): GlueCatalogDatabase =>
    new GlueCatalogDatabase(scope, `${layer}-database`, {
      name: catalogName(env, layer),
      locationUri: `s3://${storage.buckets[layer].bucket}/${layer}/`,
    });
  const databases = Object.fromEntries(layers.map((layer) => [layer, database(layer)])) as Record<
    Layer,
    GlueCatalogDatabase
  >;
  const security = securityConfiguration(scope, env, storage);
  const role = workloadRole(scope, 'glue-crawler', {
    env,
    service: 'glue.amazonaws.com',
    description: 'Crawls silver and gold into the catalog',
    statements: [
      ...crawledLayers.flatMap((layer) => readObjects(storage.buckets[layer], `${layer}/`)),
      decryptWith([storage.keys.curated.arn], ['s3'], env.region),
      writeCatalog(env, crawledLayers),
      // A security configuration has no resource type.
      allow(['glue:GetSecurityConfiguration'], ['*']),
      writeGlueLogs(env, glueLogGroups.crawlers),
    ],
  });
  const crawlers = crawledLayers.map(
    (layer) =>
      new GlueCrawler(scope, `${layer}-crawler`, {
        name: nameOf(env, layer),
        role: role.arn,
        databaseName: databases[layer].name,
        securityConfiguration: security.name,
        ...(env.sizes.crawlers.schedule !== undefined && { schedule: env.sizes.crawlers.schedule }),
        ...targets(`s3://${storage.buckets[layer].bucket}/${layer}/`, deltaTables[layer]),
        schemaChangePolicy: { updateBehavior: 'UPDATE_IN_DATABASE', deleteBehavior: 'DEPRECATE_IN_DATABASE' },
        recrawlPolicy: { recrawlBehavior: 'CRAWL_EVERYTHING' },
      }),
  );
  return { databases, crawlers, security };
}

/**
 * A table of Delta is told to the crawler by its folder, and left out of the rest: its files are those of all its versions, and a crawler
 * of files would show replaced rows as well. https://docs.aws.amazon.com/glue/latest/dg/define-crawler-choose-data-sources.html
 */
export function targets(
  root: string,
  delta: readonly string[],
): Pick<GlueCrawlerConfig, 's3Target' | 'deltaTarget'> {
  if (delta.length === 0) return { s3Target: [{ path: root }] };
  return {
    s3Target: [{ path: root, exclusions: delta.map((folder) => `${folder}/**`) }],
    deltaTarget: [
      {
        deltaTables: delta.map((folder) => `${root}${folder}/`),
        createNativeDeltaTable: true,
        writeManifest: false,
      },
    ],
  };
}

function securityConfiguration(
  scope: Construct,
  env: Environment,
  storage: StorageStack,
): GlueSecurityConfiguration {
  return new GlueSecurityConfiguration(scope, 'glue-security', {
    name: nameOf(env, 'glue'),
    encryptionConfiguration: {
      // The groups have the key; a mode here would change their names.
      cloudwatchEncryption: { cloudwatchEncryptionMode: 'DISABLED' },
      jobBookmarksEncryption: {
        jobBookmarksEncryptionMode: 'CSE-KMS',
        kmsKeyArn: storage.keys.operations.arn,
      },
      s3Encryption: { s3EncryptionMode: 'SSE-KMS', kmsKeyArn: storage.keys.raw.arn },
    },
  });
}

export function writeCatalog(env: Environment, of: readonly Layer[]): Statement {
  return allow(
    [
      'glue:GetDatabase',
      'glue:GetTable',
      'glue:GetTables',
      'glue:CreateTable',
      'glue:UpdateTable',
      'glue:DeleteTable',
      'glue:GetPartition',
      'glue:GetPartitions',
      'glue:BatchGetPartition',
      'glue:BatchCreatePartition',
      'glue:BatchDeletePartition',
      'glue:CreatePartition',
      'glue:UpdatePartition',
    ],
    catalogArns(env, of),
  );
}

export function readCatalog(env: Environment, of: readonly Layer[]): Statement {
  return allow(
    [
      'glue:GetDatabase',
      'glue:GetTable',
      'glue:GetTables',
      'glue:GetPartition',
      'glue:GetPartitions',
      'glue:BatchGetPartition',
    ],
    catalogArns(env, of),
  );
}

function catalogArns(env: Environment, of: readonly Layer[]): string[] {
  const databases = of.map((layer) => catalogName(env, layer));
  return [
    arnOf(env, 'glue', 'catalog'),
    ...databases.flatMap((name) => [
      arnOf(env, 'glue', `database/${name}`),
      arnOf(env, 'glue', `table/${name}/*`),
    ]),
  ];
}
