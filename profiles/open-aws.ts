import { redshiftDataClient } from '../connectors/aws/clients.ts';
import { s3Client } from '../connectors/aws/s3-client.ts';
import { GlueExtractor } from '../connectors/extractor/glue/extractor.ts';
import type { Extractor } from '../connectors/extractor/port.ts';
import { Ecs } from '../connectors/jobs/ecs/ecs.ts';
import { Exchange } from '../connectors/jobs/exchange.ts';
import { Glue } from '../connectors/jobs/glue/jobs.ts';
import { GlueSpark } from '../connectors/jobs/glue/spark.ts';
import { S3Lake } from '../connectors/lake/s3/lake.ts';
import type { RedshiftPlace } from '../connectors/warehouse/redshift/api.ts';
import { RedshiftWarehouse } from '../connectors/warehouse/redshift/warehouse.ts';
import { TerminalError } from '../core/errors.ts';
import { RESULT_LIMIT } from '../core/tasks.ts';
import type { PostgresConnection, Profile } from './profile.ts';

type S3Settings = Extract<Profile['lake'], { type: 's3' }>;
type GlueSparkSettings = Extract<Profile['jobs']['spark'], { type: 'glue' }>;
type EcsSettings = Extract<Profile['jobs']['container'], { type: 'ecs' }>;
type RedshiftSettings = Extract<Profile['warehouse'], { type: 'redshift' }>;

/** Region, credentials and endpoints are found by the SDK: AWS_REGION, the role, AWS_ENDPOINT_URL_<SERVICE>. */
export function openS3Lake({ bucket, prefix, pathStyle }: S3Settings): S3Lake {
  return new S3Lake({ client: s3Client({ pathStyle }), bucket, prefix });
}

export function openRedshift(settings: RedshiftSettings, lake: Profile['lake']): RedshiftWarehouse {
  const { copyRole, login } = settings;
  return new RedshiftWarehouse({
    data: redshiftDataClient(),
    s3: s3Client({ pathStyle: inS3(lake, 'a warehouse of type redshift').pathStyle }),
    place: placeOf(settings),
    copyRole,
    login: () => Promise.resolve(login),
  });
}

function placeOf({ database, workgroup, cluster, dbUser, secretArn }: RedshiftSettings): RedshiftPlace {
  const place = { database, ...(secretArn === undefined ? {} : { secretArn }) };
  if (workgroup !== undefined) return { ...place, workgroup };
  return { ...place, cluster: cluster ?? '', ...(dbUser === undefined ? {} : { dbUser }) };
}

export function openGlueExtractor(
  name: string,
  settings: PostgresConnection,
  lake: Profile['lake'],
): Extractor {
  const { extractor, host, port, database, schema, ssl, timezone } = settings;
  if (!extractor)
    throw new TerminalError(`Connection '${name}' has no extractor. Add 'extractor' to it in the profile.`);
  const { job, secretArn, concurrency } = extractor;
  return new GlueExtractor({
    jobs: new Glue(),
    job,
    lake: openS3Lake(inS3(lake, 'an extractor of type glue')),
    source: { host, port, database, schema, ssl: ssl !== undefined },
    secretArn,
    ...(timezone === undefined ? {} : { timezone }),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
}

export function openGlueSpark({ prefix }: GlueSparkSettings, lake: Profile['lake']): GlueSpark {
  const { bucket, prefix: folder, pathStyle } = inS3(lake, 'Spark jobs of type glue');
  return new GlueSpark({
    jobs: new Glue({ takesEnded: true }),
    exchange: new Exchange(s3Client({ pathStyle }), bucket, folder),
    prefix,
    outputLimit: RESULT_LIMIT,
  });
}

export function openEcs(place: EcsSettings, lake: Profile['lake']): Ecs {
  const { bucket, prefix, pathStyle } = inS3(lake, 'containers of type ecs');
  return new Ecs({
    place,
    s3: s3Client({ pathStyle }),
    bucket,
    prefix,
    pathStyle,
    outputLimit: RESULT_LIMIT,
  });
}

function inS3(lake: Profile['lake'], who: string): S3Settings {
  if (lake.type === 's3') return lake;
  throw new TerminalError(
    `The profile has ${who}, which reads files from S3, but its lake is a folder. Make it 'type: s3'.`,
  );
}
