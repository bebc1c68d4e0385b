import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mockApply, terraform } from './run.ts';
import type { JsonObject } from './synthesized.ts';

/**
 * Shows that the mocked apply can fail: a role's name where its ARN belongs. `terraform validate` lets it pass,
 * because the name is not known yet; the real provider refuses it during the apply.
 */
export function canary(
  folder: string,
  versions: JsonObject,
): { readonly valid: boolean; readonly applied: boolean; readonly problems: readonly string[] } {
  const configuration: JsonObject = {
    terraform: versions,
    provider: { aws: { region: 'eu-central-1' } },
    resource: {
      aws_iam_role: {
        job: { name_prefix: 'job', assume_role_policy: '{"Version":"2012-10-17","Statement":[]}' },
      },
      aws_glue_job: {
        job: {
          name: 'job',
          role_arn: '${aws_iam_role.job.name}',
          command: { script_location: 's3://bucket/job.py' },
        },
      },
    },
  };
  mkdirSync(join(folder, 'tests'), { recursive: true });
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(configuration));
  writeFileSync(
    join(folder, 'tests', 'apply.tftest.json'),
    JSON.stringify({ mock_provider: { aws: {} }, run: { apply: { command: 'apply' } } }),
  );
  terraform(folder, 'init', '-input=false', '-no-color');
  const valid = terraform(folder, 'validate', '-no-color').ok;
  const { ok, problems } = mockApply(folder);
  return { valid, applied: ok, problems };
}
