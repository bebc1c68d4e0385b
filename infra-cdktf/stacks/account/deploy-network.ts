import type { Environment } from '../../config/environment.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';
import { arnOf } from '../../names.ts';
import { verbs } from './verbs.ts';

/** What the provider makes in a VPC, and the call that makes it. */
const made = {
  vpc: 'CreateVpc',
  subnet: 'CreateSubnet',
  'route-table': 'CreateRouteTable',
  'internet-gateway': 'CreateInternetGateway',
  'elastic-ip': 'AllocateAddress',
  natgateway: 'CreateNatGateway',
  'vpc-endpoint': 'CreateVpcEndpoint',
  'vpc-flow-log': 'CreateFlowLogs',
  'security-group': 'CreateSecurityGroup',
} as const;
const rules = ['AuthorizeSecurityGroupEgress', 'AuthorizeSecurityGroupIngress'];
const creations = [...Object.values(made), ...rules];

/** Parts of a VPC get their ids from AWS: not their names bound them, but the environment's tag, which they get as they are made. */
export function networkStatements(env: Environment): Statement[] {
  const at = (...parts: string[]): string[] => parts.map((part) => arnOf(env, 'ec2', part));
  const given = { 'aws:RequestTag/Environment': env.name };
  const own = { StringEquals: { 'aws:ResourceTag/Environment': env.name } };
  const { existingVpc } = env.network;
  return [
    allow(verbs('ec2', 'Describe*'), ['*']),
    allow(
      verbs('ec2', ...creations),
      at(...Object.keys(made).map((kind) => `${kind}/*`), 'security-group-rule/*'),
      {
        StringEquals: given,
      },
    ),
    allow(verbs('ec2', 'CreateTags'), at('*/*'), {
      StringEquals: { ...given, 'ec2:CreateAction': creations },
    }),
    // The default group is there before it has tags; another environment's has its own.
    allow(verbs('ec2', 'CreateTags'), at('security-group/*'), {
      StringEquals: given,
      StringEqualsIfExists: own.StringEquals,
    }),
    allow(
      verbs(
        'ec2',
        // Those that are made within or from something that is there.
        ...creations.filter(
          (action) => !['CreateVpc', 'CreateInternetGateway', 'AllocateAddress'].includes(action),
        ),
        'AssociateRouteTable',
        'AttachInternetGateway',
        'CreateNetworkInterface',
        'CreateRoute',
        'CreateTags',
        'DeleteFlowLogs',
        'DeleteInternetGateway',
        'DeleteNatGateway',
        'DeleteRoute*',
        'DeleteSecurityGroup',
        'DeleteSubnet',
        'DeleteTags',
        'DeleteVpc*',
        'DetachInternetGateway',
        'DisassociateRouteTable',
        'ModifySecurityGroupRules',
        'ModifySubnetAttribute',
        'ModifyVpcAttribute',
        'ModifyVpcEndpoint',
        'ReleaseAddress',
        'ReplaceRoute*',
        'RevokeSecurityGroup*',
      ),
      at('*/*'),
      own,
    ),
    // What functions leave behind has no tags; only what nothing uses can be deleted.
    allow(verbs('ec2', 'DeleteNetworkInterface'), at('network-interface/*')),
    // EMR tries whether its workers would get an address.
    allow(
      verbs('ec2', 'CreateNetworkInterface'),
      at('network-interface/*', ...(existingVpc ? ['subnet/*'] : [])),
      {
        StringEquals: { 'aws:CalledViaLast': 'ops.emr-serverless.amazonaws.com' },
      },
    ),
    ...(existingVpc ? [allow(verbs('ec2', 'CreateSecurityGroup'), at(`vpc/${existingVpc.id}`))] : []),
  ];
}
