import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Lab } from './lab.ts';

/** A dbt project with one model and, where given, one test. */
export function writeProject({ profile, home }: Lab, model: string, test?: string): void {
  const project = profile.transform.project;
  if (!project.startsWith(home)) throw new Error('The lab has no project of its own');
  rmSync(project, { recursive: true, force: true });
  mkdirSync(`${project}/models`, { recursive: true });
  mkdirSync(`${project}/tests`);
  writeFileSync(
    `${project}/dbt_project.yml`,
    `name: lab\nversion: '1.0.0'\nconfig-version: 2\nprofile: lab\nmodels:\n  +tags: [lab]\ndata_tests:\n  +tags: [lab]\n`,
  );
  writeFileSync(
    `${project}/profiles.yml`,
    `lab:\n  target: duckdb\n  outputs:\n    duckdb:\n      type: duckdb\n      path: "{{ env_var('SLUICE_DUCKDB_PATH') }}"\n      schema: marts\n      threads: 1\n`,
  );
  writeFileSync(`${project}/models/lab_orders.sql`, model);
  if (test) writeFileSync(`${project}/tests/lab_test.sql`, test);
}
