import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy/index.js';
import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { nameOf } from '../../names.ts';

/** Images kept for a way back; older ones go. */
const imagesKept = 30;

export function imageRepository(scope: Construct, env: Environment, keyArn: string): EcrRepository {
  const repository = new EcrRepository(scope, 'images', {
    name: nameOf(env, 'worker'),
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: [{ encryptionType: 'KMS', kmsKey: keyArn }],
    forceDelete: !env.protection.deletionProtection,
  });
  new EcrLifecyclePolicy(scope, 'images-lifecycle', {
    repository: repository.name,
    policy: JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          description: `keep ${imagesKept} images`,
          selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: imagesKept },
          action: { type: 'expire' },
        },
      ],
    }),
  });
  return repository;
}
