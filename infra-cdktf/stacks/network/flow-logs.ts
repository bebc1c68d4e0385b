import { FlowLog } from '@cdktf/provider-aws/lib/flow-log/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { logGroup } from '../../constructs/log-group.ts';
import { writeLogs } from '../../constructs/permissions.ts';
import { workloadRole } from '../../constructs/workload-role.ts';
import { arnOf, nameOf } from '../../names.ts';

export function flowLogs(scope: Construct, env: Environment, vpcId: string, keyArn: string): void {
  const group = logGroup(scope, env, 'flow-logs', keyArn);
  const role = workloadRole(scope, 'flow-logs', {
    env,
    service: 'vpc-flow-logs.amazonaws.com',
    description: 'Writes the VPC flow logs',
    trust: { ArnLike: { 'aws:SourceArn': arnOf(env, 'ec2', 'vpc-flow-log/*') } },
    statements: [writeLogs([group.arn])],
  });
  new FlowLog(scope, 'flow-log', {
    vpcId,
    trafficType: 'ALL',
    logDestinationType: 'cloud-watch-logs',
    logDestination: group.arn,
    iamRoleArn: role.arn,
    tags: { Name: nameOf(env, 'flow-log') },
  });
}
