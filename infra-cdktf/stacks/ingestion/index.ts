import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue/index.js';
import type { App } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import type { IngestionDependencies } from './dependencies.ts';
import { catalog, type Catalog } from './catalog.ts';
import { replication, type Replication } from './dms.ts';
import { fileArrival } from './file-arrival.ts';
import { glueJobs, type GlueJobs } from './glue-jobs.ts';
import { populateMysql } from './populate-mysql.ts';

/** What brings data into the lake: Glue jobs, DMS, functions; and the catalog that says what is there. */
export class IngestionStack extends SluiceStack {
  readonly catalog: Catalog;
  readonly glue: GlueJobs | undefined;
  readonly replication: Replication | undefined;
  readonly deadLetters: readonly SqsQueue[];

  constructor(app: App, env: Environment, stacks: IngestionDependencies) {
    super(app, env, 'ingestion');
    const { postgres, mysql } = stacks.sources;
    this.catalog = catalog(this, env, stacks.storage);
    if (postgres) this.glue = glueJobs(this, env, stacks, this.catalog, postgres);
    if (env.services.dms) this.replication = replication(this, env, stacks);
    const functions = [
      fileArrival(this, env, stacks),
      ...(this.replication?.functions ?? []),
      ...(mysql ? [populateMysql(this, env, stacks, mysql)] : []),
    ];
    this.deadLetters = functions.map((made) => made.deadLetters);
  }
}
