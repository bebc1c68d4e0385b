import type { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster/index.js';
import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue/index.js';
import { type App, TerraformVariable } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import type { FargateService } from '../../constructs/fargate-service.ts';
import { deployCommand } from '../../contract.ts';
import type { OrchestrationDependencies } from './dependencies.ts';
import { cluster } from './cluster.ts';
import { containerTasks } from './container-tasks.ts';
import { pages } from './pages.ts';
import { runOnce, taskRunner } from './one-shot.ts';
import { parameters } from './parameters.ts';
import { temporalNamespaceTask, temporalSchemaTask } from './temporal-one-shots.ts';
import { temporalServices } from './temporal-services.ts';
import { temporalUi } from './temporal-ui.ts';
import { worker } from './worker.ts';
import { workerEnvironment } from './worker-environment.ts';

/** Temporal and the worker: nothing here holds data, all of it can be made again. */
export class OrchestrationStack extends SluiceStack {
  readonly cluster: EcsCluster;
  readonly services: readonly FargateService[];
  readonly deadLetters: SqsQueue;

  constructor(app: App, env: Environment, stacks: OrchestrationDependencies) {
    super(app, env, 'orchestration');
    const imageTag = new TerraformVariable(this, 'worker_image_tag', {
      type: 'string',
      description: 'Tag of the worker image in ECR: the commit that it was built from',
    });
    const place = cluster(this, env, stacks);
    this.cluster = place.cluster;
    const runner = taskRunner(this, env, stacks, place);
    this.deadLetters = runner.runner.deadLetters;

    const schema = temporalSchemaTask(this, env, stacks, runner);
    const temporal = temporalServices(this, env, stacks, place, schema);
    const namespace = temporalNamespaceTask(this, env, stacks, runner, temporal);
    const ui = temporalUi(this, env, stacks, place);

    const image = `${stacks.storage.images.repositoryUrl}:${imageTag.stringValue}`;
    const tasks = containerTasks(this, env, stacks);
    const environment = workerEnvironment(env, stacks, tasks, image);
    parameters(this, env, environment);
    const made = worker(this, env, stacks, place, { image, environment, tasks, after: namespace });
    const schedules = runOnce(this, 'schedules', runner, {
      task: made,
      after: [made.service],
      securityGroupId: stacks.network.securityGroups.worker.id,
      override: { container: 'worker', command: deployCommand },
    });
    // That task has made the ledger's tables.
    const status = pages(this, env, stacks, place, { image, environment, after: schedules });
    this.services = [...temporal, ui, made, status];
  }
}
