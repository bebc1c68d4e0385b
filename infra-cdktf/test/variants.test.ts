import { describe, expect, it } from 'vitest';
import { dev } from '../config/dev.ts';
import type { Environment, Services } from '../config/environment.ts';
import type { Synthesized } from '../terraform/synthesized.ts';
import { nameOf } from '../names.ts';
import { synthesize } from './synth.ts';

const typesIn = (stack: Synthesized | undefined): string[] => Object.keys(stack?.resource ?? {});

describe('an environment', () => {
  it('without optional services has neither them nor what is about them', () => {
    const services: Services = {
      postgresSource: false,
      mysqlSource: false,
      dms: false,
      emrServerless: false,
      metabase: false,
      quickSight: false,
    };
    const stacks = synthesize([{ ...dev, services }]);
    expect(typesIn(stacks.get('sluice-dev-sources'))).toEqual([]);
    expect(typesIn(stacks.get('sluice-dev-processing'))).toEqual([]);
    expect(typesIn(stacks.get('sluice-dev-ingestion'))).not.toContain('aws_dms_replication_instance');
    expect(JSON.stringify(stacks.get('sluice-dev-orchestration'))).not.toContain('SLUICE_EMR_APPLICATION_ID');
  });

  it('with Metabase and QuickSight has them', () => {
    const owner = `arn:aws:quicksight:${dev.region}:${dev.account}:group/default/data`;
    const stacks = synthesize([
      { ...dev, services: { ...dev.services, metabase: true, quickSight: { owner } } },
    ]);
    const analytics = stacks.get('sluice-dev-analytics');
    expect(typesIn(analytics)).toEqual(
      expect.arrayContaining(['aws_ecs_service', 'aws_quicksight_data_source']),
    );
  });

  it('in an existing VPC makes security groups there and no network', () => {
    const existingVpc = {
      id: 'vpc-0abc',
      privateSubnetIds: ['subnet-1', 'subnet-2', 'subnet-3'],
      isolatedSubnetIds: ['subnet-4', 'subnet-5', 'subnet-6'],
      s3PrefixListId: 'pl-1',
    };
    const stacks = synthesize([{ ...dev, network: { ...dev.network, existingVpc } }]);
    const network = stacks.get('sluice-dev-network');
    expect(typesIn(network).sort()).toEqual([
      'aws_security_group',
      'aws_vpc_security_group_egress_rule',
      'aws_vpc_security_group_ingress_rule',
    ]);
    expect(network?.resource?.['aws_security_group']?.['worker']?.['vpc_id']).toBe('vpc-0abc');
    expect(JSON.stringify(stacks.get('sluice-dev-control-database'))).toContain('subnet-4');
  });

  it('puts a permissions boundary that it is given on every role of a workload, and makes none', () => {
    const permissionsBoundary = `arn:aws:iam::${dev.account}:policy/limit`;
    const bounded: Environment = { ...dev, permissionsBoundary };
    const stacks = synthesize([bounded]);
    const roles = [...stacks].flatMap(([name, stack]) =>
      name.includes('-account-') ? [] : Object.values(stack.resource?.['aws_iam_role'] ?? {}),
    );
    expect(JSON.stringify([...stacks.values()])).not.toContain(nameOf(dev, 'boundary'));
    expect(roles.length).toBeGreaterThan(20);
    expect(roles.filter((role) => role['permissions_boundary'] !== permissionsBoundary)).toEqual([]);
  });

  it('needs no data source to plan', () => {
    const sources = [...synthesize([dev]).values()].flatMap((stack) => Object.keys(stack.data ?? {}));
    expect(new Set(sources)).toEqual(new Set(['terraform_remote_state']));
  });

  it('is synthesized to the same text twice', () => {
    const text = (): string => JSON.stringify([...synthesize([dev])]);
    expect(text()).toBe(text());
  });
});
