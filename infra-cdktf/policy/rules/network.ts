import { at, blocks, findings, nameOfResource, ofType, type Resource, type Rule, text } from '../resource.ts';
import type { JsonObject } from '../../terraform/synthesized.ts';

const publicFlags: Readonly<Record<string, string>> = {
  aws_db_instance: 'publicly_accessible',
  aws_dms_replication_instance: 'publicly_accessible',
  aws_redshiftserverless_workgroup: 'publicly_accessible',
  aws_ecs_service: 'network_configuration.assign_public_ip',
  aws_subnet: 'map_public_ip_on_launch',
};

export const networkRules: readonly Rule[] = [
  {
    id: 'no-public-address',
    says: 'nothing has a public address',
    check: (subject) =>
      Object.entries(publicFlags).flatMap(([type, path]) =>
        findings(ofType(subject, type), ({ values }) => at(values, path) === false, `${path} is not false`),
      ),
  },
  {
    id: 'no-open-port',
    says: 'only security groups may come in, never addresses',
    check: (subject) => [
      ...findings(
        ofType(subject, 'aws_vpc_security_group_ingress_rule'),
        ({ values }) =>
          Boolean(values['referenced_security_group_id']) && !values['cidr_ipv4'] && !values['cidr_ipv6'],
        'lets addresses in',
      ),
      ...findings(
        ofType(subject, 'aws_security_group'),
        ({ values }) => !isFilled(values['ingress']),
        'has rules of its own: use the table of flows',
      ),
    ],
  },
  {
    id: 'default-group-empty',
    says: 'the default security group lets nothing through',
    check: (subject) =>
      findings(
        ofType(subject, 'aws_default_security_group'),
        ({ values }) => !isFilled(values['ingress']) && !isFilled(values['egress']),
        'has rules',
      ),
  },
  {
    id: 'in-the-vpc',
    says: 'functions and Spark run in the VPC',
    check: (subject) => [
      ...findings(
        ofType(subject, 'aws_lambda_function'),
        ({ values }) => blocks(values['vpc_config']).length === 1,
        'no vpc_config',
      ),
      ...findings(
        ofType(subject, 'aws_emrserverless_application'),
        ({ values }) => blocks(values['network_configuration']).length === 1,
        'no network_configuration',
      ),
      ...findings(
        ofType(subject, 'aws_redshiftserverless_workgroup'),
        ({ values }) => values['enhanced_vpc_routing'] === true,
        'enhanced_vpc_routing is not true',
      ),
    ],
  },
  {
    id: 'flow-logs',
    says: 'a VPC has flow logs',
    check: (subject) => {
      const logs = ofType(subject, 'aws_flow_log');
      return findings(
        ofType(subject, 'aws_vpc'),
        () => logs.some(({ values }) => values['traffic_type'] === 'ALL'),
        'no flow log of all traffic',
      );
    },
  },
  {
    id: 'database-tls',
    says: 'databases refuse connections without TLS',
    check: (subject) => [
      ...findings(
        ofType(subject, 'aws_db_parameter_group'),
        forcesTls,
        'the parameter that forces TLS is missing',
      ),
      ...findings(
        ofType(subject, 'aws_redshiftserverless_workgroup'),
        ({ values }) =>
          parameters(values, 'config_parameter', 'parameter_key', 'parameter_value')['require_ssl'] ===
          'true',
        'require_ssl is not true',
      ),
      ...findings(
        ofType(subject, 'aws_dms_endpoint'),
        ({ values }) => ['require', 'verify-ca', 'verify-full'].includes(text(values['ssl_mode'])),
        'ssl_mode does not require TLS',
      ),
    ],
  },
  {
    id: 'temporal-tls',
    says: 'Temporal verifies its database',
    check: (subject) =>
      ofType(subject, 'aws_ecs_task_definition').flatMap((resource) =>
        containers(resource)
          .filter(
            ({ POSTGRES_SEEDS, SQL_TLS_ENABLED, SQL_HOST_VERIFICATION }) =>
              POSTGRES_SEEDS && (SQL_TLS_ENABLED !== 'true' || SQL_HOST_VERIFICATION !== 'true'),
          )
          .map(() => ({
            resource: nameOfResource(resource),
            detail: 'SQL_TLS_ENABLED or SQL_HOST_VERIFICATION is not true',
          })),
      ),
  },
];

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
}

function forcesTls({ values }: Resource): boolean {
  const set = parameters(values, 'parameter', 'name', 'value');
  return text(values['family']).startsWith('mysql')
    ? set['require_secure_transport'] === '1'
    : set['rds.force_ssl'] === '1';
}

function parameters(values: JsonObject, block: string, name: string, value: string): Record<string, string> {
  return Object.fromEntries(
    blocks(values[block]).map((parameter) => [text(parameter[name]), text(parameter[value])]),
  );
}

/** The plain environment of each container. */
function containers({ values }: Resource): Record<string, string>[] {
  const definitions = JSON.parse(text(values['container_definitions'])) as {
    environment?: { name: string; value: string }[];
  }[];
  return definitions.map(({ environment = [] }) =>
    Object.fromEntries(environment.map((variable) => [variable.name, variable.value])),
  );
}
