import { describe, expect, it } from 'vitest';
import { dev } from '../config/dev.ts';
import type { Environment } from '../config/environment.ts';
import { environments } from '../config/index.ts';
import { production } from '../config/production.ts';
import { ConfigurationInvalid, validate } from '../config/validate.ts';

function problems(...given: Environment[]): readonly string[] {
  try {
    validate(given);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.problems;
    throw error;
  }
}

describe('configuration', () => {
  it('of the three environments is valid', () => {
    expect(problems(...environments)).toEqual([]);
  });

  it.each<[string, Environment, RegExp]>([
    [
      'two zones',
      { ...dev, availabilityZones: dev.availabilityZones.slice(0, 2) },
      /availabilityZones has 2 .* three/,
    ],
    [
      'the same zone twice',
      { ...dev, availabilityZones: ['eu-central-1a', 'eu-central-1a', 'eu-central-1b'] },
      /availabilityZones has 2/,
    ],
    ['zones of another region', { ...dev, region: 'eu-west-1' }, /not all in eu-west-1/],
    ['no account', { ...dev, account: '' }, /account is "".*12 digits/],
    ['a CIDR with host bits', { ...dev, network: { ...dev.network, cidr: '10.20.0.1/16' } }, /no CIDR block/],
    [
      'a CIDR that is too small',
      { ...dev, network: { ...dev.network, cidr: '10.20.0.0/24' } },
      /between \/16 and \/20/,
    ],
    [
      'a bucket name that is too long',
      { ...dev, project: 'the-data-platform-of-our-company' },
      /bucket name .* has \d\d characters/,
    ],
    ['an upper-case project', { ...dev, project: 'Sluice' }, /project "Sluice"/],
    [
      'unprotected production',
      { ...production, protection: { ...production.protection, deletionProtection: false } },
      /deletionProtection/,
    ],
    [
      'production without final snapshots',
      { ...production, protection: { ...production.protection, finalSnapshot: false } },
      /finalSnapshot/,
    ],
    [
      'production in one zone',
      { ...production, protection: { ...production.protection, multiAz: false } },
      /multiAz/,
    ],
    [
      'production with one NAT gateway',
      { ...production, network: { ...production.network, natPerAz: false } },
      /natPerAz/,
    ],
    [
      'production without backups',
      { ...production, protection: { ...production.protection, backupRetentionDays: 1 } },
      /backupRetentionDays is 1/,
    ],
    [
      'a log retention that CloudWatch refuses',
      { ...dev, protection: { ...dev.protection, logRetentionDays: 10 } },
      /logRetentionDays is 10/,
    ],
    [
      'a time for passwords that Secrets Manager does not take',
      { ...dev, protection: { ...dev.protection, passwordRotation: 'cron(30 3 * * ? *)' } },
      /passwordRotation is "cron\(30/,
    ],
    [
      'a boundary of another account',
      { ...production, permissionsBoundary: 'arn:aws:iam::111122223333:policy/x' },
      /permissionsBoundary/,
    ],
    [
      'memory that Fargate does not offer',
      { ...dev, sizes: { ...dev.sizes, worker: { ...dev.sizes.worker, memoryMb: 1000 } } },
      /worker.memoryMb is 1000/,
    ],
    [
      'an odd warehouse size',
      { ...dev, sizes: { ...dev.sizes, redshift: { ...dev.sizes.redshift, baseRpu: 10 } } },
      /baseRpu is 10/,
    ],
    [
      'one Glue worker',
      { ...dev, sizes: { ...dev.sizes, glue: { ...dev.sizes.glue, workers: 1 } } },
      /glue.workers/,
    ],
    [
      'two subnets in an existing VPC',
      {
        ...dev,
        network: {
          ...dev.network,
          existingVpc: {
            id: 'vpc-1',
            privateSubnetIds: ['a', 'b'],
            isolatedSubnetIds: ['c', 'd', 'e'],
            s3PrefixListId: 'pl-1',
          },
        },
      },
      /existingVpc needs three/,
    ],
  ])('refuses %s', (_, env, expected) => {
    expect(problems(env).join('\n')).toMatch(expected);
  });

  it('refuses overlapping networks and names both environments', () => {
    const other = { ...production, network: { ...production.network, cidr: '10.20.128.0/17' } };
    expect(problems(dev, other).join('\n')).toMatch(
      /dev and production: network.cidr 10.20.0.0\/16 and 10.20.128.0\/17 overlap/,
    );
  });

  it('refuses a name that begins with the name of another environment of the account', () => {
    const network = { ...dev.network, cidr: '10.99.0.0/16' };
    const longer = { ...dev, name: 'dev-eu', ownsAccount: false, network };
    expect(problems(dev, longer).join()).toMatch(/the name dev-eu begins with dev-/);
    expect(problems(dev, { ...longer, account: production.account }).join()).not.toMatch(/begins with/);
  });

  it('refuses an account with no owner, or two', () => {
    expect(problems({ ...dev, ownsAccount: false }).join()).toMatch(/0 environments with ownsAccount/);
    const twin = { ...dev, name: 'twin', network: { ...dev.network, cidr: '10.99.0.0/16' } };
    expect(problems(dev, twin).join()).toMatch(/2 environments with ownsAccount/);
  });

  it('reports all problems at once, each with its environment', () => {
    const broken = {
      ...dev,
      account: '12',
      availabilityZones: [],
      alerts: { email: 'nobody', monthlyBudgetUsd: 0 },
    };
    const found = problems(broken, {
      ...production,
      protection: { ...production.protection, multiAz: false },
    });
    expect(found.filter((problem) => problem.startsWith('dev: ')).length).toBeGreaterThanOrEqual(4);
    expect(found).toContain('production: production needs protection.multiAz');
  });
});
