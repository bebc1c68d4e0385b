import { describe, expect, it } from 'vitest';
import { environments } from '../config/index.ts';
import { production } from '../config/production.ts';
import { nameOf, parameterName } from '../names.ts';
import { at, blocks, ofType, text, texts } from '../policy/resource.ts';
import { isResolved, resolvedSubject, synthesizedSubject } from '../policy/subjects.ts';
import { synthesize } from './synth.ts';

/** What AWS takes although it does not work, or refuses although Terraform does not know: each seen once in an audit. */
describe.each(environments.map((env) => ({ name: env.name, env })))('as AWS has it, $name', ({ env }) => {
  const subject = synthesizedSubject(env);
  const run = it.skipIf(!isResolved(env));

  it('DMS speaks TLS with each engine in a mode that the engine has', () => {
    const modes: Readonly<Record<string, readonly string[]>> = {
      postgres: ['require', 'verify-ca', 'verify-full'],
      mysql: ['verify-ca', 'verify-full'],
    };
    for (const { values } of ofType(subject, 'aws_dms_endpoint')) {
      const mode = text(values['ssl_mode']);
      expect(modes[text(values['engine_name'])]).toContain(mode);
      expect(mode.startsWith('verify') && !values['certificate_arn']).toBe(false);
    }
  });

  run('an alarm about a DMS task asks for it as DMS reports it: by the last part of its ARN', () => {
    const applied = resolvedSubject(env);
    const known = ofType(applied, 'aws_dms_replication_task').map(({ values }) =>
      text(values['replication_task_arn']).split(':').at(-1),
    );
    const asked = ofType(applied, 'aws_cloudwatch_metric_alarm')
      .filter(({ values }) => values['namespace'] === 'AWS/DMS')
      .map(({ values }) => at(values, 'dimensions.ReplicationTaskIdentifier'));
    expect(asked.length).toBe(1);
    expect(known).toEqual(expect.arrayContaining(asked));
  });

  it('nothing differs from itself a day later: all parameters of the warehouse, no statements', () => {
    const parameters = ofType(subject, 'aws_redshiftserverless_workgroup').flatMap(({ values }) =>
      blocks(values['config_parameter']).map((parameter) => text(parameter['parameter_key'])),
    );
    expect(parameters.sort()).toEqual([
      'auto_mv',
      'datestyle',
      'enable_case_sensitive_identifier',
      'enable_user_activity_logging',
      'max_query_execution_time',
      'query_group',
      'require_ssl',
      'search_path',
      'use_fips_ssl',
    ]);
    expect(ofType(subject, 'aws_redshiftdata_statement')).toEqual([]);
  });

  run('a failure is reported by the environment that it happens in, not by its neighbour', () => {
    const applied = resolvedSubject(env);
    const own = [
      nameOf(env, ''),
      `:secret:${parameterName(env, '').slice(1)}`,
      ...ofType(applied, 'aws_dms_replication_task').map(({ values }) =>
        text(values['replication_task_arn']),
      ),
      ...ofType(applied, 'aws_emrserverless_application').map(({ values }) => text(values['id'])),
    ];
    const rules = ofType(applied, 'aws_cloudwatch_event_rule').filter(
      ({ stack }) => stack === 'observability',
    );
    expect(rules.length).toBeGreaterThanOrEqual(5);
    for (const { values } of rules)
      expect(own.filter((mark) => text(values['event_pattern']).includes(mark))).not.toEqual([]);
  });

  it('a function and its rights end together: its policy is there until it is gone', () => {
    for (const { id, values } of ofType(subject, 'aws_lambda_function'))
      expect(texts(values['depends_on'])).toContain(`aws_iam_role_policy.${id}-policy`);
  });

  it('services that make log groups by themselves find them made, with a key', () => {
    const groups = ofType(subject, 'aws_cloudwatch_log_group').map(({ values }) => text(values['name']));
    expect(groups).toEqual(
      expect.arrayContaining([
        `dms-tasks-${nameOf(env, 'dms')}`,
        ...['userlog', 'connectionlog', 'useractivitylog'].map(
          (log) => `/aws/redshift/${nameOf(env, 'warehouse')}/${log}`,
        ),
        'RDSOSMetrics',
      ]),
    );
  });
});

describe('the tear-down of production, as docs/infrastructure-operations.md says', () => {
  it('leaves a snapshot of every database', () => {
    const { protection } = production;
    const off = {
      ...production,
      tier: 'development' as const,
      protection: { ...protection, deletionProtection: false },
    };
    const databases = [...synthesize([off]).values()].flatMap((stack) =>
      Object.values(stack.resource?.['aws_db_instance'] ?? {}),
    );
    expect(databases).toHaveLength(3);
    for (const database of databases) {
      expect(database['skip_final_snapshot']).toBe(false);
      expect(database['final_snapshot_identifier']).toBe(`${text(database['identifier'])}-final`);
    }
  });
});
