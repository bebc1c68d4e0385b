import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { environments } from '../config/index.ts';
import {
  extractJob,
  pipelines,
  warehouseSchemas,
  workerCommand,
  workerPorts,
  workerVariables,
} from '../contract.ts';
import { bucketName, nameOf, parameterName } from '../names.ts';
import { at, ofType, type Subject } from '../policy/resource.ts';
import { isResolved, resolvedSubject, synthesizedSubject } from '../policy/subjects.ts';

const repository = join(import.meta.dirname, '../..');
const profile = join(repository, 'profiles/aws.yaml');
const script = join(repository, extractJob.script);

interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly portMappings: readonly { readonly containerPort: number }[];
}

function workerContainer(subject: Subject): Container {
  const task = ofType(subject, 'aws_ecs_task_definition').find(({ id }) => id === 'worker-task');
  const [container] = JSON.parse(String(task?.values['container_definitions'])) as Container[];
  if (!container) throw new Error('the worker has no container');
  return container;
}

const variablesOf = (subject: Subject): Record<string, string> =>
  Object.fromEntries(workerContainer(subject).environment.map(({ name, value }) => [name, value]));

describe.each(environments.map((env) => ({ name: env.name, env })))(
  'the contract with the application, $name',
  ({ env }) => {
    const subject = synthesizedSubject(env);

    it('the worker gets the variables of the contract, no more and no less', () => {
      expect(Object.keys(variablesOf(subject)).sort()).toEqual([...workerVariables].sort());
    });

    it('each variable is published as a parameter, with the same value', () => {
      const published = Object.fromEntries(
        ofType(subject, 'aws_ssm_parameter').map(({ values }) => [values['name'], values['value']]),
      );
      const expected = Object.entries(variablesOf(subject)).map(([name, value]) => [
        parameterName(env, name),
        value,
      ]);
      expect(published).toEqual(Object.fromEntries(expected));
    });

    it('the worker runs what the image has, on the ports that it listens to', () => {
      const container = workerContainer(subject);
      expect(container.command).toEqual([...workerCommand]);
      expect(container.portMappings.map(({ containerPort }) => containerPort)).toEqual(
        Object.values(workerPorts),
      );
    });

    it("the extract job runs the repository's script and leaves its arguments to each run", () => {
      const job = ofType(subject, 'aws_glue_job').find(({ id }) => id === 'extract');
      expect(at(job?.values ?? {}, 'command.script_location')).toMatch(new RegExp(`/${extractJob.script}$`));
      const fixed = Object.keys(at(job?.values ?? {}, 'default_arguments') ?? {});
      expect(extractJob.arguments.filter((argument) => fixed.includes(argument))).toEqual([]);
    });

    it('the warehouse has every schema, and no other', () => {
      const made = ofType(subject, 'aws_redshiftdata_statement').flatMap(
        ({ values }) => /^CREATE SCHEMA IF NOT EXISTS (\S+)/.exec(String(values['sql']))?.slice(1) ?? [],
      );
      expect(made.sort()).toEqual([...warehouseSchemas].sort());
      expect(made).toEqual(expect.arrayContaining(pipelines.map((pipeline) => `raw_${pipeline}`)));
    });

    it.skipIf(!isResolved(env))('variables that name resources name those that are made', () => {
      const applied = resolvedSubject(env);
      const variables = variablesOf(applied);
      const names = (type: string, attribute: string): unknown[] =>
        ofType(applied, type).map(({ values }) => values[attribute]);
      expect(variables['SLUICE_LAKE_BUCKET']).toBe(bucketName(env, 'bronze'));
      expect(names('aws_s3_bucket', 'bucket')).toEqual(
        expect.arrayContaining([
          variables['SLUICE_LAKE_BUCKET'],
          variables['SLUICE_SILVER_BUCKET'],
          variables['SLUICE_GOLD_BUCKET'],
          variables['SLUICE_SCRIPTS_BUCKET'],
        ]),
      );
      expect(names('aws_glue_job', 'name')).toContain(variables['SLUICE_GLUE_EXTRACT_JOB']);
      expect(names('aws_glue_connection', 'name')).toContain(variables['SLUICE_GLUE_CONNECTION']);
      expect(names('aws_redshiftserverless_workgroup', 'workgroup_name')).toContain(
        variables['SLUICE_REDSHIFT_WORKGROUP'],
      );
      expect(names('aws_athena_workgroup', 'name')).toContain(variables['SLUICE_ATHENA_WORKGROUP']);
      expect(names('aws_secretsmanager_secret', 'arn')).toEqual(
        expect.arrayContaining([
          variables['SLUICE_LEDGER_SECRET_ARN'],
          variables['SLUICE_REDSHIFT_SECRET_ARN'],
          variables['SLUICE_SOURCE_OLIST_SECRET_ARN'],
        ]),
      );
      expect(names('aws_iam_role', 'arn')).toEqual(
        expect.arrayContaining([
          variables['SLUICE_EMR_ROLE_ARN'],
          variables['SLUICE_REDSHIFT_COPY_ROLE_ARN'],
        ]),
      );
      expect(names('aws_sns_topic', 'arn')).toContain(variables['SLUICE_ALERTS_TOPIC_ARN']);
      expect(names('aws_emrserverless_application', 'id')).toContain(variables['SLUICE_EMR_APPLICATION_ID']);
      expect(names('aws_db_instance', 'address')).toEqual(
        expect.arrayContaining([variables['SLUICE_LEDGER_HOST'], variables['SLUICE_SOURCE_OLIST_HOST']]),
      );
      const loader = ofType(applied, 'aws_secretsmanager_secret').find(
        ({ values }) => values['arn'] === variables['SLUICE_REDSHIFT_SECRET_ARN'],
      );
      expect(loader?.values['name']).toBe(`${env.project}/${env.name}/warehouse-loader`);
      expect(variables['TEMPORAL_ADDRESS']).toBe(
        `temporal-frontend.${env.name}.${env.project}.internal:7233`,
      );
      expect(names('aws_service_discovery_private_dns_namespace', 'name')).toContain(
        `${env.name}.${env.project}.internal`,
      );
      expect(names('aws_ecs_service', 'name')).toContain(nameOf(env, 'worker'));
    });
  },
);

describe('the application', () => {
  it.skipIf(!existsSync(profile))(
    'asks in profiles/aws.yaml for what the worker gets, and for all of it',
    () => {
      const text = JSON.stringify(parse(readFileSync(profile, 'utf8')));
      const asked = new Set([...text.matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map(([, name]) => name));
      // Read by the process itself, not by the profile.
      const outside = new Set<string>(['SLUICE_PROFILE', 'AWS_REGION']);
      expect([...asked].filter((name) => !workerVariables.some((known) => known === name))).toEqual([]);
      expect(workerVariables.filter((name) => !asked.has(name) && !outside.has(name))).toEqual([]);
    },
  );

  it.skipIf(!existsSync(script))('takes the arguments that the contract gives to the extract job', () => {
    const text = readFileSync(script, 'utf8');
    expect(
      extractJob.arguments.filter(
        (argument) => !new RegExp(argument.slice(2).replaceAll('-', '[-_]')).test(text),
      ),
    ).toEqual([]);
  });
});
