import { call, calls, passRole, type Call, type CallTable } from './call.ts';

const ec2 = (actions: string, on: string | readonly string[] = '*'): Call[] => call('ec2', actions, on);
const made = (what: string): string => `+ec2:${what}/new`;
/** Tags are given in the call that makes the thing. */
const tagged = (what: string, action: string): Call[] =>
  call('ec2', 'CreateTags', made(what), { 'ec2:CreateAction': action });
/** Changed on something that is there. */
const retag = (what: string): Call[] => ec2('CreateTags DeleteTags', `ec2:${what}/there`);
const vpc = 'ec2:vpc/{vpc_id}';
const group = 'ec2:security-group/{security_group_id}';
const table = 'ec2:route-table/{route_table_id}';

export const networkCalls: CallTable = {
  aws_vpc: calls({
    create: [
      ...ec2('CreateVpc', made('vpc')),
      ...tagged('vpc', 'CreateVpc'),
      ...ec2('ModifyVpcAttribute', 'ec2:vpc/there'),
    ],
    read: ec2(
      'DescribeVpcs DescribeVpcAttribute DescribeNetworkAcls DescribeRouteTables DescribeSecurityGroups',
    ),
    update: [...ec2('ModifyVpcAttribute', 'ec2:vpc/there'), ...retag('vpc')],
    delete: ec2('DeleteVpc', 'ec2:vpc/there'),
  }),
  aws_default_security_group: calls({
    // It is there, without tags: gets them first, then loses its rules.
    create: [
      ...ec2('DescribeSecurityGroups'),
      ...ec2('CreateTags', '+ec2:security-group/default'),
      ...ec2('RevokeSecurityGroupIngress RevokeSecurityGroupEgress', 'ec2:security-group/default'),
    ],
    read: ec2('DescribeSecurityGroups'),
    update: retag('security-group'),
  }),
  aws_subnet: calls({
    create: [...ec2('CreateSubnet', [made('subnet'), vpc]), ...tagged('subnet', 'CreateSubnet')],
    read: ec2('DescribeSubnets'),
    update: [...ec2('ModifySubnetAttribute', 'ec2:subnet/there'), ...retag('subnet')],
    delete: [
      ...ec2('DescribeNetworkInterfaces'),
      ...ec2('DeleteNetworkInterface', '+ec2:network-interface/left'),
      ...ec2('DeleteSubnet', 'ec2:subnet/there'),
    ],
  }),
  aws_internet_gateway: calls({
    create: [
      ...ec2('CreateInternetGateway', made('internet-gateway')),
      ...tagged('internet-gateway', 'CreateInternetGateway'),
      ...ec2('AttachInternetGateway', ['ec2:internet-gateway/there', vpc]),
    ],
    read: ec2('DescribeInternetGateways'),
    update: retag('internet-gateway'),
    delete: [
      ...ec2('DetachInternetGateway', ['ec2:internet-gateway/there', vpc]),
      ...ec2('DeleteInternetGateway', 'ec2:internet-gateway/there'),
    ],
  }),
  aws_eip: calls({
    create: [...ec2('AllocateAddress', made('elastic-ip')), ...tagged('elastic-ip', 'AllocateAddress')],
    read: ec2('DescribeAddresses DescribeAddressesAttribute'),
    update: retag('elastic-ip'),
    delete: ec2('ReleaseAddress', 'ec2:elastic-ip/there'),
  }),
  aws_nat_gateway: calls({
    create: [
      ...ec2('CreateNatGateway', [
        made('natgateway'),
        'ec2:subnet/{subnet_id}',
        'ec2:elastic-ip/{allocation_id}',
      ]),
      ...tagged('natgateway', 'CreateNatGateway'),
    ],
    read: ec2('DescribeNatGateways'),
    update: retag('natgateway'),
    delete: ec2('DeleteNatGateway', 'ec2:natgateway/there'),
  }),
  aws_route_table: calls({
    create: [
      ...ec2('CreateRouteTable', [made('route-table'), vpc]),
      ...tagged('route-table', 'CreateRouteTable'),
    ],
    read: ec2('DescribeRouteTables'),
    update: retag('route-table'),
    delete: ec2('DeleteRouteTable', 'ec2:route-table/there'),
  }),
  aws_route: calls({
    create: ec2('CreateRoute', table),
    read: ec2('DescribeRouteTables'),
    update: ec2('ReplaceRoute', table),
    delete: ec2('DeleteRoute', table),
  }),
  aws_route_table_association: calls({
    create: ec2('AssociateRouteTable', [table, 'ec2:subnet/{subnet_id}']),
    read: ec2('DescribeRouteTables'),
    update: ec2('ReplaceRouteTableAssociation', [table, 'ec2:subnet/{subnet_id}']),
    delete: ec2('DisassociateRouteTable', [table, 'ec2:subnet/{subnet_id}']),
  }),
  aws_vpc_endpoint: calls({
    create: [
      ...ec2('CreateVpcEndpoint', [
        made('vpc-endpoint'),
        vpc,
        'ec2:route-table/there',
        'ec2:subnet/there',
        'ec2:security-group/there',
      ]),
      ...tagged('vpc-endpoint', 'CreateVpcEndpoint'),
    ],
    read: ec2('DescribeVpcEndpoints DescribePrefixLists'),
    update: [
      ...ec2('ModifyVpcEndpoint', [
        'ec2:vpc-endpoint/there',
        'ec2:route-table/there',
        'ec2:subnet/there',
        'ec2:security-group/there',
      ]),
      ...retag('vpc-endpoint'),
    ],
    delete: ec2('DeleteVpcEndpoints', 'ec2:vpc-endpoint/there'),
  }),
  aws_flow_log: calls({
    create: [
      ...ec2('CreateFlowLogs', [made('vpc-flow-log'), vpc]),
      ...tagged('vpc-flow-log', 'CreateFlowLogs'),
      ...passRole('{iam_role_arn}', 'vpc-flow-logs.amazonaws.com'),
    ],
    read: ec2('DescribeFlowLogs'),
    update: retag('vpc-flow-log'),
    delete: ec2('DeleteFlowLogs', 'ec2:vpc-flow-log/there'),
  }),
  aws_security_group: calls({
    create: [
      ...ec2('CreateSecurityGroup', [made('security-group'), vpc]),
      ...tagged('security-group', 'CreateSecurityGroup'),
      // The rule that AWS gives to every new group.
      ...ec2('RevokeSecurityGroupEgress', 'ec2:security-group/there'),
    ],
    read: ec2('DescribeSecurityGroups'),
    update: retag('security-group'),
    delete: [
      // What functions have left: network interfaces that nothing uses any more.
      ...ec2('DescribeNetworkInterfaces'),
      ...ec2('DeleteNetworkInterface', '+ec2:network-interface/left'),
      ...ec2('DeleteSecurityGroup', 'ec2:security-group/there'),
    ],
  }),
  aws_vpc_security_group_ingress_rule: calls({
    create: [
      ...ec2('AuthorizeSecurityGroupIngress', [group, made('security-group-rule')]),
      ...tagged('security-group-rule', 'AuthorizeSecurityGroupIngress'),
    ],
    read: ec2('DescribeSecurityGroupRules'),
    update: [
      ...ec2('ModifySecurityGroupRules', [group, 'ec2:security-group-rule/there']),
      ...retag('security-group-rule'),
    ],
    delete: ec2('RevokeSecurityGroupIngress', group),
  }),
  aws_vpc_security_group_egress_rule: calls({
    create: [
      ...ec2('AuthorizeSecurityGroupEgress', [group, made('security-group-rule')]),
      ...tagged('security-group-rule', 'AuthorizeSecurityGroupEgress'),
    ],
    read: ec2('DescribeSecurityGroupRules'),
    update: [
      ...ec2('ModifySecurityGroupRules', [group, 'ec2:security-group-rule/there']),
      ...retag('security-group-rule'),
    ],
    delete: ec2('RevokeSecurityGroupEgress', group),
  }),
};
