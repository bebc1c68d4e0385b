import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environments } from '../config/index.ts';
import {
  deployCommand,
  extractJob,
  lakePrefixes,
  pipelines,
  warehouseSchemas,
  workerCommand,
  workerPorts,
  workerVariables,
} from '../contract.ts';
import type { ProvisionRequest } from '../functions/provision/request.ts';
import { bucketName, nameOf, parameterName } from '../names.ts';
import { at, blocks, ofType, type Subject, text } from '../policy/resource.ts';
import { isResolved, resolvedSubject, synthesizedSubject } from '../policy/subjects.ts';

const repository = join(import.meta.dirname, '../..');

interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly portMappings: readonly { readonly containerPort: number }[];
  readonly mountPoints: readonly { readonly sourceVolume: string; readonly containerPath: string }[];
  readonly dependsOn?: readonly { readonly containerName: string; readonly condition: string }[];
}

function workerContainers(subject: Subject): Container[] {
  const task = ofType(subject, 'aws_ecs_task_definition').find(({ id }) => id === 'worker-task');
  return JSON.parse(text(task?.values['container_definitions'])) as Container[];
}

function workerContainer(subject: Subject): Container {
  const container = workerContainers(subject).find(({ name }) => name === 'worker');
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
        ofType(subject, 'aws_ssm_parameter').map(({ values }) => [text(values['name']), values['value']]),
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

    it('the worker starts when the file with the database authorities is where its variable says', () => {
      const { mountPoints, dependsOn } = workerContainer(subject);
      const files = workerContainers(subject).find(({ name }) => name === 'files');
      const path = variablesOf(subject)['SLUICE_DATABASE_CA'] ?? '';
      expect(dependsOn).toEqual([{ containerName: 'files', condition: 'SUCCESS' }]);
      expect(files?.command.join(' ')).toContain(
        `-O ${path} https://truststore.pki.rds.amazonaws.com/${env.region}/`,
      );
      const places = ({ sourceVolume, containerPath }: Container['mountPoints'][number]): string =>
        `${sourceVolume} ${containerPath}`;
      expect(mountPoints.map(places).sort()).toEqual(files?.mountPoints.map(places).sort());
      expect(mountPoints.filter(({ containerPath }) => path.startsWith(`${containerPath}/`))).toHaveLength(1);
    });

    it('a container writes to its volumes alone, and whoever it runs as may', () => {
      const { mountPoints } = workerContainer(subject);
      const files = workerContainers(subject).find(({ name }) => name === 'files');
      const writable = mountPoints
        .map(({ containerPath }) => containerPath)
        .filter((path) => path !== '/sluice');
      expect(writable).toEqual(['/tmp']);
      for (const path of writable) expect(files?.command.join(' ')).toContain(`chmod 1777 ${path}`);
      const open = ofType(subject, 'aws_ecs_task_definition').flatMap(({ values }) =>
        (
          JSON.parse(text(values['container_definitions'])) as {
            name: string;
            readonlyRootFilesystem: boolean;
          }[]
        ).filter(({ readonlyRootFilesystem }) => !readonlyRootFilesystem),
      );
      // The agent of Session Manager has to write there.
      expect(open.map(({ name }) => name)).toEqual(['door']);
    });

    it('the schedules are deployed by the very task of the worker, with its files and variables', () => {
      const run = ofType(subject, 'aws_lambda_invocation').find(({ id }) => id === 'schedules-run');
      const { override } = JSON.parse(text(run?.values['input'])) as { override: object };
      expect(override).toEqual({ container: 'worker', command: [...deployCommand] });
      expect(text(run?.values['input'])).toContain('aws_ecs_task_definition.worker-task.arn');
    });

    it("the extract job runs the repository's script and leaves its arguments to each run", () => {
      const job = ofType(subject, 'aws_glue_job').find(({ id }) => id === 'extract');
      expect(at(job?.values ?? {}, 'command.script_location')).toMatch(new RegExp(`/${extractJob.script}$`));
      const fixed = Object.keys(at(job?.values ?? {}, 'default_arguments') ?? {});
      expect(extractJob.arguments.filter((argument) => fixed.includes(argument))).toEqual([]);
    });

    it("the extract job has the repository's modules as a zip beside the script", () => {
      const job = ofType(subject, 'aws_glue_job').find(({ id }) => id === 'extract');
      const script = text(at(job?.values ?? {}, 'command.script_location'));
      const modules = text(at(job?.values ?? {}, 'default_arguments.--extra-py-files'));
      expect(modules).toBe(script.replace(extractJob.script, extractJob.modules));
      const folder = extractJob.modules.replace(/\.zip$/, '');
      expect(existsSync(join(repository, folder, '__init__.py'))).toBe(true);
    });

    it('the extract job takes a run of every pipeline and a backfill at once, and queues none', () => {
      const job = ofType(subject, 'aws_glue_job').find(({ id }) => id === 'extract');
      expect(at(job?.values ?? {}, 'execution_property.max_concurrent_runs')).toBeGreaterThanOrEqual(
        pipelines.length * 3,
      );
      expect(job?.values['job_run_queuing_enabled'] ?? false).toBe(false);
      expect(job?.values['max_retries']).toBe(0);
    });

    it("the extract job's log goes where the worker looks for it", () => {
      const job = ofType(subject, 'aws_glue_job').find(({ id }) => id === 'extract');
      const named = Object.keys(at(job?.values ?? {}, 'default_arguments') ?? {});
      // Each of these would give the group another name than GetJobRun tells.
      expect(named.filter((argument) => /log(Group|Stream)/.test(argument))).toEqual([]);
      const security = ofType(subject, 'aws_glue_security_configuration').map(({ values }) =>
        at(values, 'encryption_configuration.cloudwatch_encryption.cloudwatch_encryption_mode'),
      );
      expect(security).toEqual(['DISABLED']);
      expect(ofType(subject, 'aws_cloudwatch_log_group').map(({ values }) => values['name'])).toContain(
        `${extractJob.logGroup}/error`,
      );
    });

    it('what remote jobs and databases leave goes by itself, loads never do, and no upload stays unfinished', () => {
      const rules = ofType(subject, 'aws_s3_bucket_lifecycle_configuration')
        .filter(({ id }) => id === 'bronze-lifecycle')
        .flatMap(({ values }) => blocks(values['rule']))
        .map((rule) => ({
          prefix: at(rule, 'filter.prefix'),
          expires: at(rule, 'expiration.days'),
          aborts: at(rule, 'abort_incomplete_multipart_upload.days_after_initiation'),
        }));
      expect(rules.filter(({ expires }) => expires !== undefined)).toEqual([
        // Longer than the worker looks back for a job run: connectors/jobs/glue/runs.ts.
        { prefix: lakePrefixes.extracts, expires: 14, aborts: undefined },
        { prefix: lakePrefixes.exports, expires: 14, aborts: undefined },
      ]);
      expect(rules.filter(({ aborts }) => aborts !== undefined)).toEqual([
        { prefix: '', expires: undefined, aborts: 3 },
      ]);
    });

    it('the warehouse has every schema, and no other', () => {
      const request = ofType(subject, 'aws_lambda_invocation').find(({ id }) => id === 'provision-warehouse');
      const { warehouse } = JSON.parse(text(request?.values['input'])) as ProvisionRequest;
      const made = [...(warehouse?.schemas ?? [])];
      expect(made.sort()).toEqual([...warehouseSchemas].sort());
      expect(made).toEqual(expect.arrayContaining(pipelines.map((pipeline) => `raw_${pipeline}`)));
    });

    it.skipIf(!isResolved(env))('variables that name resources name those that are made', () => {
      const applied = resolvedSubject(env);
      const variables = variablesOf(applied);
      const names = (type: string, attribute: string): unknown[] =>
        ofType(applied, type).map(({ values }) => values[attribute]);
      expect(variables['SLUICE_LAKE_BUCKET']).toBe(bucketName(env, 'bronze'));
      expect(names('aws_s3_bucket', 'bucket')).toContain(variables['SLUICE_LAKE_BUCKET']);
      expect(names('aws_glue_job', 'name')).toContain(variables['SLUICE_GLUE_EXTRACT_JOB']);
      expect(names('aws_redshiftserverless_workgroup', 'workgroup_name')).toContain(
        variables['SLUICE_REDSHIFT_WORKGROUP'],
      );
      expect(names('aws_secretsmanager_secret', 'arn')).toEqual(
        expect.arrayContaining([
          variables['SLUICE_LEDGER_SECRET_ARN'],
          variables['SLUICE_REDSHIFT_SECRET_ARN'],
          variables['SLUICE_SOURCE_OLIST_SECRET_ARN'],
        ]),
      );
      expect(names('aws_iam_role', 'arn')).toContain(variables['SLUICE_REDSHIFT_COPY_ROLE_ARN']);
      expect(names('aws_sns_topic', 'arn')).toContain(variables['SLUICE_ALERTS_TOPIC_ARN']);
      expect(names('aws_db_instance', 'address')).toEqual(
        expect.arrayContaining([variables['SLUICE_LEDGER_HOST'], variables['SLUICE_SOURCE_OLIST_HOST']]),
      );
      const loader = ofType(applied, 'aws_secretsmanager_secret').find(
        ({ values }) => values['arn'] === variables['SLUICE_REDSHIFT_SECRET_ARN'],
      );
      expect(loader?.values['name']).toBe(`${env.project}/${env.name}/warehouse-loader`);
      expect(variables['SLUICE_ENVIRONMENT']).toBe(env.name);
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
