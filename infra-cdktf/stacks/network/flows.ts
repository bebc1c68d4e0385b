import { pagesPort } from '../../contract.ts';

/** Every workload that has an address in the VPC. */
export const groups = {
  endpoints: 'Interface endpoints of AWS services',
  'control-database': 'PostgreSQL of Temporal and the ledger',
  'postgres-source': 'PostgreSQL source database',
  'mysql-source': 'MySQL source database',
  warehouse: 'Redshift Serverless',
  temporal: 'Temporal server',
  ui: 'Temporal UI and the door for port forwarding',
  worker: 'Sluice worker',
  pages: 'Status pages',
  tasks: 'Containers of tasks',
  functions: 'Lambda functions',
  glue: 'Glue jobs',
  dms: 'DMS replication instance',
  emr: 'EMR Serverless',
  metabase: 'Metabase',
} as const;
export type Group = keyof typeof groups;

export interface Flow {
  readonly from: Group;
  /** A group, S3 by its gateway endpoint, or anything outside (through NAT). */
  readonly to: Group | 's3' | 'internet';
  readonly ports: readonly [from: number, to: number];
  readonly why: string;
}

const https = [443, 443] as const;
const postgres = [5432, 5432] as const;
const mysql = [3306, 3306] as const;
const redshift = [5439, 5439] as const;
const frontend = [7233, 7233] as const;

const callsAws: readonly Group[] = [
  'temporal',
  'ui',
  'worker',
  'pages',
  'tasks',
  'functions',
  'glue',
  'dms',
  'emr',
  'metabase',
  'warehouse',
];

/** Who may talk to whom. What is not here is not possible. */
export const flows: readonly Flow[] = [
  ...callsAws.map((from): Flow => ({
    from,
    to: 'internet',
    ports: https,
    why: 'AWS APIs, images, webhooks',
  })),
  ...callsAws.map((from): Flow => ({ from, to: 'endpoints', ports: https, why: 'AWS APIs without NAT' })),
  { from: 'postgres-source', to: 's3', ports: https, why: 'export to S3' },
  { from: 'temporal', to: 'temporal', ports: [6933, 6939], why: 'membership' },
  { from: 'temporal', to: 'temporal', ports: [7233, 7239], why: 'calls between roles' },
  { from: 'temporal', to: 'control-database', ports: postgres, why: 'persistence and visibility' },
  { from: 'worker', to: 'temporal', ports: frontend, why: 'task queues' },
  { from: 'worker', to: 'control-database', ports: postgres, why: 'ledger' },
  { from: 'worker', to: 'postgres-source', ports: postgres, why: 'extraction in the worker' },
  { from: 'worker', to: 'mysql-source', ports: mysql, why: 'extraction in the worker' },
  { from: 'worker', to: 'warehouse', ports: redshift, why: 'dbt' },
  { from: 'pages', to: 'temporal', ports: frontend, why: 'what runs, and what is asked for' },
  { from: 'pages', to: 'control-database', ports: postgres, why: 'ledger' },
  { from: 'functions', to: 'temporal', ports: frontend, why: 'start a pipeline' },
  { from: 'functions', to: 'control-database', ports: postgres, why: 'databases and users' },
  { from: 'functions', to: 'postgres-source', ports: postgres, why: 'databases and users' },
  { from: 'functions', to: 'mysql-source', ports: mysql, why: 'databases and users, population' },
  { from: 'functions', to: 'warehouse', ports: redshift, why: 'other passwords' },
  { from: 'glue', to: 'glue', ports: [0, 65535], why: 'Spark driver and executors' },
  { from: 'glue', to: 'postgres-source', ports: postgres, why: 'extraction' },
  { from: 'glue', to: 'mysql-source', ports: mysql, why: 'extraction' },
  { from: 'dms', to: 'postgres-source', ports: postgres, why: 'replication' },
  { from: 'dms', to: 'mysql-source', ports: mysql, why: 'replication' },
  { from: 'emr', to: 'emr', ports: [0, 65535], why: 'Spark driver and executors' },
  { from: 'metabase', to: 'control-database', ports: postgres, why: 'its own state' },
  { from: 'metabase', to: 'warehouse', ports: redshift, why: 'dashboards' },
  { from: 'ui', to: 'temporal', ports: frontend, why: 'Web UI' },
  { from: 'ui', to: 'control-database', ports: postgres, why: 'port forwarding' },
  { from: 'ui', to: 'postgres-source', ports: postgres, why: 'port forwarding' },
  { from: 'ui', to: 'mysql-source', ports: mysql, why: 'port forwarding' },
  { from: 'ui', to: 'warehouse', ports: redshift, why: 'port forwarding' },
  { from: 'ui', to: 'pages', ports: [pagesPort, pagesPort], why: 'port forwarding' },
  { from: 'ui', to: 'metabase', ports: [3000, 3000], why: 'port forwarding' },
];
