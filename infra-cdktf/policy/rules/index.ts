import type { Rule } from '../resource.ts';
import { bucketRules } from './buckets.ts';
import { encryptionRules } from './encryption.ts';
import { iamRules } from './iam.ts';
import { networkRules } from './network.ts';
import { operationsRules } from './operations.ts';

export const rules: readonly Rule[] = [
  ...encryptionRules,
  ...bucketRules,
  ...networkRules,
  ...operationsRules,
  ...iamRules,
];
