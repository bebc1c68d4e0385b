import type { App } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import type { SourcesDependencies } from './dependencies.ts';
import { mysqlSource } from './mysql.ts';
import { postgresSource } from './postgres.ts';
import type { SourceDatabase } from './source-database.ts';

/** The operational databases that pipelines extract from. */
export class SourcesStack extends SluiceStack {
  readonly postgres: SourceDatabase | undefined;
  readonly mysql: SourceDatabase | undefined;

  constructor(app: App, env: Environment, stacks: SourcesDependencies) {
    super(app, env, 'sources');
    if (env.services.postgresSource) this.postgres = postgresSource(this, env, stacks);
    if (env.services.mysqlSource) this.mysql = mysqlSource(this, env, stacks);
  }
}
