import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';
import { flows, groups, type Flow, type Group } from './flows.ts';
import type { NetworkParts } from './vpc.ts';

export type SecurityGroups = Readonly<Record<Group, SecurityGroup>>;

/** A group per workload, and for every line of the table one rule on each side. */
export function securityGroups(scope: Construct, env: Environment, network: NetworkParts): SecurityGroups {
  const made = Object.fromEntries(
    Object.entries(groups).map(([group, description]) => [
      group,
      securityGroup(scope, env, network.vpcId, group, description),
    ]),
  ) as Record<Group, SecurityGroup>;
  for (const flow of flows) connect(scope, made, flow, network.s3PrefixListId);
  return made;
}

function securityGroup(
  scope: Construct,
  env: Environment,
  vpcId: string,
  group: string,
  description: string,
): SecurityGroup {
  const name = nameOf(env, group);
  return new SecurityGroup(scope, group, { name, description, vpcId, tags: { Name: name } });
}

function connect(scope: Construct, made: SecurityGroups, flow: Flow, s3PrefixListId: string): void {
  const { from, to, ports, why } = flow;
  const [fromPort, toPort] = ports;
  const rule = { ipProtocol: 'tcp', fromPort, toPort, description: why };
  const egress = { ...rule, securityGroupId: made[from].id };
  const id = `${from}-to-${to}-${fromPort}`;
  switch (to) {
    case 'internet':
      new VpcSecurityGroupEgressRule(scope, `${id}-egress`, { ...egress, cidrIpv4: '0.0.0.0/0' });
      return;
    case 's3':
      new VpcSecurityGroupEgressRule(scope, `${id}-egress`, { ...egress, prefixListId: s3PrefixListId });
      return;
    default:
      new VpcSecurityGroupEgressRule(scope, `${id}-egress`, {
        ...egress,
        referencedSecurityGroupId: made[to].id,
      });
      new VpcSecurityGroupIngressRule(scope, `${id}-ingress`, {
        ...rule,
        securityGroupId: made[to].id,
        referencedSecurityGroupId: made[from].id,
      });
  }
}
