import type { Environment } from './environment.ts';
import { repository } from './repository.ts';

export const dev: Environment = {
  project: 'sluice',
  name: 'dev',
  tier: 'development',
  account: '111122223333',
  region: 'eu-central-1',
  availabilityZones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  ownsAccount: true,
  repository,
  state: { bucket: 'sluice-tfstate-111122223333', region: 'eu-central-1' },
  network: { cidr: '10.20.0.0/16', natPerAz: false, interfaceEndpoints: [] },
  protection: {
    deletionProtection: false,
    finalSnapshot: false,
    multiAz: false,
    backupRetentionDays: 1,
    logRetentionDays: 14,
    objectRetentionDays: 7,
  },
  sizes: {
    controlDatabase: { instanceClass: 'db.t4g.small', storageGb: 20, maxStorageGb: 50 },
    postgresSource: { instanceClass: 'db.t4g.micro', storageGb: 20, maxStorageGb: 50 },
    mysqlSource: { instanceClass: 'db.t4g.micro', storageGb: 20, maxStorageGb: 50 },
    dms: { instanceClass: 'dms.t3.small', storageGb: 20 },
    temporal: { cpu: 256, memoryMb: 1024, tasksPerRole: 1, historyShards: 512 },
    worker: { cpu: 1024, memoryMb: 2048, minTasks: 1, maxTasks: 2 },
    glue: { workerType: 'G.1X', workers: 2, timeoutMinutes: 60 },
    crawlers: { schedule: 'cron(0 5 * * ? *)' },
    emr: { maxVcpu: 16, maxMemoryGb: 64, idleMinutes: 5 },
    redshift: { baseRpu: 8, maxRpu: 16, dailyRpuHours: 16, onDailyLimit: 'deactivate' },
  },
  services: {
    postgresSource: true,
    mysqlSource: true,
    dms: true,
    emrServerless: true,
    metabase: false,
    quickSight: false,
  },
  alerts: { email: 'data-platform@example.com', monthlyBudgetUsd: 600 },
};
