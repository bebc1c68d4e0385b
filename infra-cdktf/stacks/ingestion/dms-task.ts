import type { DmsEndpoint } from '@cdktf/provider-aws/lib/dms-endpoint/index.js';
import type { DmsReplicationInstance } from '@cdktf/provider-aws/lib/dms-replication-instance/index.js';
import { DmsReplicationTask } from '@cdktf/provider-aws/lib/dms-replication-task/index.js';
import type { DmsS3Endpoint } from '@cdktf/provider-aws/lib/dms-s3-endpoint/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';

export interface TaskProps {
  readonly name: string;
  readonly type: 'full-load' | 'full-load-and-cdc';
  readonly schema: string;
  readonly instance: DmsReplicationInstance;
  readonly source: DmsEndpoint;
  readonly target: DmsS3Endpoint;
}

/** Made, not started: a source without tables makes a task fail. */
export function replicationTask(scope: Construct, env: Environment, props: TaskProps): DmsReplicationTask {
  return new DmsReplicationTask(scope, `${props.name}-task`, {
    replicationTaskId: nameOf(env, props.name),
    migrationType: props.type,
    replicationInstanceArn: props.instance.replicationInstanceArn,
    sourceEndpointArn: props.source.endpointArn,
    targetEndpointArn: props.target.endpointArn,
    startReplicationTask: false,
    tableMappings: JSON.stringify({ rules: [everyTableOf(props.schema)] }),
    replicationTaskSettings: JSON.stringify(settings),
  });
}

function everyTableOf(schema: string): object {
  return {
    'rule-type': 'selection',
    'rule-id': '1',
    'rule-name': 'every-table',
    'rule-action': 'include',
    'object-locator': { 'schema-name': schema, 'table-name': '%' },
  };
}

const settings = {
  Logging: { EnableLogging: true },
  FullLoadSettings: { TargetTablePrepMode: 'DO_NOTHING', MaxFullLoadSubTasks: 8, CommitRate: 10000 },
  // Data that cannot be read stops the task instead of going missing.
  ErrorBehavior: {
    DataErrorPolicy: 'STOP_TASK',
    DataTruncationErrorPolicy: 'STOP_TASK',
    TableErrorPolicy: 'STOP_TASK',
    FailOnNoTablesCaptured: true,
    RecoverableErrorCount: -1,
    RecoverableErrorInterval: 5,
    RecoverableErrorThrottling: true,
    RecoverableErrorThrottlingMax: 1800,
  },
};
