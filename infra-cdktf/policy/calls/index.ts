import type { CallTable } from './call.ts';
import { computeCalls } from './compute.ts';
import { dataCalls } from './data.ts';
import { databaseCalls } from './databases.ts';
import { networkCalls } from './network.ts';
import { operationsCalls } from './operations.ts';

/**
 * What version 5.100.0 of the AWS provider calls for each type of resource in an environment's stacks, and what AWS authorises the call
 * on. From public mappings of resources to permissions, knowledge of the provider, and AWS's service authorization reference, to which a test
 * holds every line. Not recorded from a real account: a call that is missing here shows as a denied one in the first deployment.
 */
export const callTable: CallTable = {
  ...networkCalls,
  ...computeCalls,
  ...databaseCalls,
  ...dataCalls,
  ...operationsCalls,
};
