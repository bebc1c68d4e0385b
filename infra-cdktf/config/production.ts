import type { Environment } from './environment.ts';
import { repository } from './repository.ts';

export const production: Environment = {
  project: 'sluice',
  name: 'production',
  tier: 'production',
  account: '444455556666',
  region: 'eu-central-1',
  availabilityZones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  ownsAccount: true,
  repository,
  state: { bucket: 'sluice-tfstate-444455556666', region: 'eu-central-1' },
  network: {
    cidr: '10.22.0.0/16',
    natPerAz: true,
    interfaceEndpoints: ['secretsmanager', 'kms', 'logs', 'sts', 'ecr.api', 'ecr.dkr', 'glue', 'redshift-data', 'monitoring'],
  },
  protection: {
    deletionProtection: true,
    multiAz: true,
    backupRetentionDays: 30,
    logRetentionDays: 365,
    objectRetentionDays: 90,
  },
  permissionsBoundary: 'arn:aws:iam::444455556666:policy/workload-boundary',
  sizes: {
    controlDatabase: { instanceClass: 'db.m7g.large', storageGb: 100, maxStorageGb: 500 },
    postgresSource: { instanceClass: 'db.m7g.large', storageGb: 100, maxStorageGb: 500 },
    mysqlSource: { instanceClass: 'db.m7g.large', storageGb: 100, maxStorageGb: 500 },
    dms: { instanceClass: 'dms.r6i.large', storageGb: 100 },
    temporal: { cpu: 1024, memoryMb: 2048, tasksPerRole: 2, historyShards: 512 },
    worker: { cpu: 2048, memoryMb: 4096, minTasks: 2, maxTasks: 8 },
    glue: { workerType: 'G.1X', workers: 2, timeoutMinutes: 240 },
    emr: { maxVcpu: 64, maxMemoryGb: 256, idleMinutes: 10 },
    redshift: { baseRpu: 32, maxRpu: 128, dailyRpuHours: 256, onDailyLimit: 'log' },
  },
  services: {
    postgresSource: true,
    mysqlSource: true,
    dms: true,
    emrServerless: true,
    metabase: true,
    quickSight: true,
  },
  alerts: { email: 'data-platform@example.com', monthlyBudgetUsd: 8000 },
};
