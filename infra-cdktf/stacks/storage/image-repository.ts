import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy/index.js';
import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository/index.js';
import { EcrRepositoryPolicy } from '@cdktf/provider-aws/lib/ecr-repository-policy/index.js';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/environment.ts';
import { policyDocument } from '../../constructs/policy-document.ts';
import { nameOf, roleArn } from '../../names.ts';

/** Images kept for a way back; older ones go. */
const imagesKept = 30;

/** Immutable tags, `what` in its name. */
export function imageRepository(
  scope: Construct,
  env: Environment,
  id: string,
  what: string,
  keyArn: string,
): EcrRepository {
  const repository = new EcrRepository(scope, id, {
    name: nameOf(env, what),
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: [{ encryptionType: 'KMS', kmsKey: keyArn }],
    forceDelete: !env.protection.deletionProtection,
  });
  new EcrLifecyclePolicy(scope, `${id}-lifecycle`, {
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

/** Lets the deploy roles of environments that take their image from here pull it. */
export function lendImages(
  scope: Construct,
  env: Environment,
  repository: EcrRepository,
  environments: readonly Environment[],
): void {
  const takers = environments.filter(
    ({ imagesFrom }) => imagesFrom?.name === env.name && imagesFrom.account === env.account,
  );
  if (takers.length === 0) return;
  new EcrRepositoryPolicy(scope, 'images-lent', {
    repository: repository.name,
    policy: policyDocument([
      {
        Effect: 'Allow',
        // By account, because a role that is not made yet cannot be a principal.
        Principal: { AWS: [...new Set(takers.map(({ account }) => `arn:aws:iam::${account}:root`))] },
        Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        Condition: {
          ArnEquals: { 'aws:PrincipalArn': takers.map((taker) => roleArn(taker, nameOf(taker, 'deploy'))) },
        },
      },
    ]),
  });
}
