import type { Environment } from '../../config/environment.ts';
import { policyDocument } from '../../constructs/policy-document.ts';

const issuer = 'token.actions.githubusercontent.com';

/** Trust in jobs of this repository whose token carries one of these subjects. */
export function githubTrust(env: Environment, providerArn: string, subjects: readonly string[]): string {
  const { owner, name } = env.repository;
  return policyDocument([
    {
      Effect: 'Allow',
      Principal: { Federated: providerArn },
      Action: ['sts:AssumeRoleWithWebIdentity'],
      Condition: {
        StringEquals: {
          [`${issuer}:aud`]: 'sts.amazonaws.com',
          [`${issuer}:sub`]: subjects.map((subject) => `repo:${owner}/${name}:${subject}`),
        },
      },
    },
  ]);
}
