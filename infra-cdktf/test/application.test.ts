import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../core/run.ts';
import {
  commonVariables,
  extractJob,
  lakePrefixes,
  metrics,
  pagesCommand,
  pagesPort,
  pagesPrefix,
  pipelineVariables,
  searchAttributes,
  workerCommand,
  workerPorts,
  workerVariables,
} from '../contract.ts';
import type { Credentials } from '../functions/provision/request.ts';

const repository = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

/** Names of environment variables that a text asks for, each once. */
const namesIn = (text: string): string[] =>
  [...new Set([...text.matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map(([, name]) => name ?? ''))].sort();

/** Name and connection of the pipeline that a file defines. */
function definitionIn(file: string): [string, string][] {
  const text = file.endsWith('.ts') ? read(join('pipelines', file)) : '';
  const [, name] = /definePipeline\(\{\s*name: '(\w+)'/.exec(text) ?? [];
  const [, source = ''] = /\bsource: '(\w+)'/.exec(text) ?? [];
  return name === undefined ? [] : [[name, source]];
}

describe('the application', () => {
  const profile = JSON.stringify(parse(read('profiles/aws.yaml'), { merge: true }));

  it('asks in profiles/aws.yaml for what the worker gets, and for all of it', () => {
    const asked = new Set(namesIn(profile));
    // Read by the process itself, not by the profile.
    const outside = new Set<string>(['SLUICE_PROFILE', 'AWS_REGION']);
    expect([...asked].filter((name) => !workerVariables.some((known) => known === name))).toEqual([]);
    expect(workerVariables.filter((name) => !asked.has(name) && !outside.has(name))).toEqual([]);
  });

  it('has every pipeline in one list, those that run on AWS with the variables that their connection asks for', () => {
    const { connections } = parse(read('profiles/aws.yaml'), { merge: true }) as {
      connections: Record<string, unknown>;
    };
    const sources = new Map(readdirSync(join(repository, 'pipelines')).flatMap(definitionIn));
    const common = new Set<string>(commonVariables);
    const asked = (connection: string): string[] =>
      namesIn(JSON.stringify(connections[connection])).filter((name) => !common.has(name));
    const entries = Object.entries(pipelineVariables);
    const ready = entries.flatMap(([name, own]) => (typeof own === 'string' ? [] : [{ name, own }]));

    expect([...sources.keys()].filter((name) => !(name in pipelineVariables))).toEqual([]);
    for (const { name, own } of ready) expect(asked(sources.get(name) ?? '')).toEqual([...own].sort());
    // One that waits does so for a reason that still holds; and no connection is there for nobody.
    const used = ready.map(({ name }) => sources.get(name));
    expect(Object.keys(connections).filter((connection) => !used.includes(connection))).toEqual([]);
    expect(ready.length).toBeGreaterThan(0);
  });

  it('serves its pages where the port is forwarded to', () => {
    expect(profile).toContain(`"address":"0.0.0.0:${pagesPort}"`);
    expect(read(pagesCommand.at(-1) ?? '')).toContain('web/main.ts');
  });

  it('starts its pages as compose does, which is measured', () => {
    const { services } = parse(read('docker-compose.yml')) as { services: { pages: { command: string[] } } };
    expect(services.pages.command).toEqual(pagesCommand);
  });

  it('publishes dashboards, and exchanges with containers, where the contract says', () => {
    expect(read('profiles/adapters/pages.ts')).toContain(`.default('${pagesPrefix}')`);
    expect(read('connectors/jobs/exchange.ts')).toContain(lakePrefixes.tasks);
  });

  it('asks secrets for fields that the provision function stores', () => {
    const fields = [...profile.matchAll(/\$\{aws-secret:\$\{\w+\}#(\w+)\}/g)].map(([, field]) => field ?? '');
    const stored: Record<keyof Credentials, true> = {
      engine: true,
      host: true,
      port: true,
      dbname: true,
      username: true,
      password: true,
    };
    expect(fields.length).toBeGreaterThan(0);
    expect(fields.filter((field) => !(field in stored))).toEqual([]);
  });

  it('listens where the stacks look: ports of its profile', () => {
    for (const port of Object.values(workerPorts)) expect(profile).toContain(`:${port}"`);
  });

  it('takes the arguments that the contract gives to the extract job', () => {
    const taken = /getResolvedOptions\(argv, \[([^\]]*)\]/.exec(read(extractJob.script))?.[1] ?? '';
    const names = [...taken.matchAll(/"(\w+)"/g)].map(([, name]) => `--${(name ?? '').replaceAll('_', '-')}`);
    expect(names.sort()).toEqual([...extractJob.arguments].sort());
    const given = read('connectors/extractor/glue/extractor.ts') + read('connectors/jobs/glue/runs.ts');
    expect(extractJob.arguments.filter((argument) => !given.includes(`'${argument}'`))).toEqual([]);
  });

  it('keeps the lake where the contract says', () => {
    const places = read('connectors/lake/s3/places.ts');
    expect(places).toContain('${this.#prefix}' + lakePrefixes.tables);
    const areas = [lakePrefixes.extracts, lakePrefixes.exports].map((prefix) => `'${prefix.slice(0, -1)}'`);
    expect(places).toContain(`LANDING_AREAS = [${areas.join(', ')}]`);
  });

  it('looks for the log of a job where the contract says', () => {
    expect(read('connectors/jobs/glue/jobs.ts')).toContain(`LogGroupName ?? '${extractJob.logGroup}'`);
    expect(read('connectors/jobs/glue/log.ts')).toContain('logGroupName: `${group}/error`');
  });

  it('starts in its image as the contract says', () => {
    expect(read('Dockerfile')).toContain(
      `CMD [${workerCommand.map((word) => JSON.stringify(word)).join(', ')}]`,
    );
  });

  it('has the search attributes that the namespace is made with', () => {
    const made = Object.entries(searchAttributes).map(([name, type]) => [name, type.toUpperCase()]);
    expect(SEARCH_ATTRIBUTES).toEqual(Object.fromEntries(made));
  });

  it('counts failures and freshness under the names that the alarms look for', () => {
    const adapter = read('connectors/metrics/cloudwatch.ts');
    for (const name of Object.values(metrics)) expect(adapter).toContain(`= '${name}';`);
    expect(adapter).toContain('Environment: this.#environment');
  });
});
