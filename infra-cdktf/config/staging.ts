import { dev } from './dev.ts';
import type { Environment } from './environment.ts';

/** Shares the account with `dev`, has the services of `production` at the sizes of `dev`. */
export const staging: Environment = {
  ...dev,
  name: 'staging',
  ownsAccount: false,
  imagesFrom: dev,
  network: { ...dev.network, cidr: '10.21.0.0/16' },
  protection: { ...dev.protection, finalSnapshot: true, backupRetentionDays: 7, logRetentionDays: 30 },
  services: { ...dev.services, metabase: true },
  alerts: { ...dev.alerts, monthlyBudgetUsd: 900 },
};
