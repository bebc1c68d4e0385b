import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group/index.js';
import { Eip } from '@cdktf/provider-aws/lib/eip/index.js';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway/index.js';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway/index.js';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table/index.js';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association/index.js';
import { Route } from '@cdktf/provider-aws/lib/route/index.js';
import { Subnet } from '@cdktf/provider-aws/lib/subnet/index.js';
import { Vpc } from '@cdktf/provider-aws/lib/vpc/index.js';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint/index.js';
import type { Construct } from 'constructs';
import { sixteenth } from '../../config/cidr.ts';
import type { Environment, ExistingVpc } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';

export interface Subnets {
  /** A way out through NAT: tasks, functions, jobs, the warehouse. */
  readonly private: readonly string[];
  /** No way out: databases. */
  readonly isolated: readonly string[];
}

export interface NetworkParts {
  readonly vpcId: string;
  readonly subnets: Subnets;
  readonly s3PrefixListId: string;
}

export function existingNetwork(vpc: ExistingVpc): NetworkParts {
  return {
    vpcId: vpc.id,
    subnets: { private: vpc.privateSubnetIds, isolated: vpc.isolatedSubnetIds },
    s3PrefixListId: vpc.s3PrefixListId,
  };
}

export function newNetwork(scope: Construct, env: Environment): NetworkParts {
  const vpc = new Vpc(scope, 'vpc', {
    cidrBlock: env.network.cidr,
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags: { Name: nameOf(env, 'vpc') },
  });
  // Without rules: a resource that names no security group reaches nothing.
  new DefaultSecurityGroup(scope, 'default-security-group', { vpcId: vpc.id });
  const zones = env.availabilityZones;
  const tier = (what: string, offset: number): Subnet[] =>
    zones.map((zone, index) => subnet(scope, env, vpc, { what, zone, index, offset }));
  const publicSubnets = tier('public', 0);
  const privateSubnets = tier('private', 4);
  const isolatedSubnets = tier('isolated', 8);

  const publicTable = table(scope, env, vpc, 'public', publicSubnets);
  const internet = new InternetGateway(scope, 'internet-gateway', {
    vpcId: vpc.id,
    tags: { Name: nameOf(env, 'internet') },
  });
  new Route(scope, 'public-default-route', {
    routeTableId: publicTable.id,
    destinationCidrBlock: '0.0.0.0/0',
    gatewayId: internet.id,
  });
  const nats = publicSubnets
    .slice(0, env.network.natPerAz ? zones.length : 1)
    .map((place, index) => nat(scope, env, internet, place, index));
  const privateTables = privateSubnets.map((place, index) => {
    const made = table(scope, env, vpc, `private-${index}`, [place]);
    const way = nats[index] ?? nats[0];
    if (way)
      new Route(scope, `private-${index}-default-route`, {
        routeTableId: made.id,
        destinationCidrBlock: '0.0.0.0/0',
        natGatewayId: way.id,
      });
    return made;
  });
  const isolatedTable = table(scope, env, vpc, 'isolated', isolatedSubnets);

  const s3 = new VpcEndpoint(scope, 's3-endpoint', {
    vpcId: vpc.id,
    serviceName: `com.amazonaws.${env.region}.s3`,
    vpcEndpointType: 'Gateway',
    routeTableIds: [...privateTables, isolatedTable].map((made) => made.id),
    tags: { Name: nameOf(env, 's3') },
  });
  return {
    vpcId: vpc.id,
    subnets: {
      private: privateSubnets.map((made) => made.id),
      isolated: isolatedSubnets.map((made) => made.id),
    },
    s3PrefixListId: s3.prefixListId,
  };
}

interface Place {
  readonly what: string;
  readonly zone: string;
  readonly index: number;
  readonly offset: number;
}

function subnet(scope: Construct, env: Environment, vpc: Vpc, { what, zone, index, offset }: Place): Subnet {
  return new Subnet(scope, `${what}-subnet-${index}`, {
    vpcId: vpc.id,
    availabilityZone: zone,
    cidrBlock: sixteenth(env.network.cidr, offset + index),
    mapPublicIpOnLaunch: false,
    tags: { Name: nameOf(env, `${what}-${index}`) },
  });
}

function table(
  scope: Construct,
  env: Environment,
  vpc: Vpc,
  what: string,
  subnets: readonly Subnet[],
): RouteTable {
  const made = new RouteTable(scope, `${what}-routes`, { vpcId: vpc.id, tags: { Name: nameOf(env, what) } });
  subnets.forEach((place, index) => {
    new RouteTableAssociation(scope, `${what}-routes-${index}`, {
      routeTableId: made.id,
      subnetId: place.id,
    });
  });
  return made;
}

/** Its address keeps the internet gateway where it is: made after it, gone before it. */
function nat(
  scope: Construct,
  env: Environment,
  internet: InternetGateway,
  place: Subnet,
  index: number,
): NatGateway {
  const address = new Eip(scope, `nat-address-${index}`, {
    domain: 'vpc',
    tags: { Name: nameOf(env, `nat-${index}`) },
    dependsOn: [internet],
  });
  return new NatGateway(scope, `nat-${index}`, {
    allocationId: address.id,
    subnetId: place.id,
    tags: { Name: nameOf(env, `nat-${index}`) },
    dependsOn: [internet],
  });
}
