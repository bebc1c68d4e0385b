import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { parameterName } from '../../names.ts';
import type { WorkerValues } from './worker-environment.ts';

/** The worker's values for everybody else who uses the `aws` profile; addresses and names, never a secret. */
export function parameters(scope: Construct, env: Environment, values: WorkerValues): void {
  for (const [variable, value] of Object.entries(values)) {
    new SsmParameter(scope, `parameter-${variable}`, {
      name: parameterName(env, variable),
      type: 'String',
      value,
    });
  }
}
