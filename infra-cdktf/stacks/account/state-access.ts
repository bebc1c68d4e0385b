import type { Environment } from '../../config/environment.ts';
import { allow, type Statement } from '../../constructs/policy-document.ts';

export function readState(env: Environment): Statement[] {
  const bucket = `arn:aws:s3:::${env.state.bucket}`;
  return [
    allow(['s3:ListBucket'], [bucket]),
    allow(['s3:GetObject'], [`${bucket}/${env.project}/${env.name}/*`]),
  ];
}

/** States of this environment and their lock files. */
export function writeState(env: Environment): Statement[] {
  return [
    ...readState(env),
    allow(
      ['s3:PutObject', 's3:DeleteObject'],
      [`arn:aws:s3:::${env.state.bucket}/${env.project}/${env.name}/*`],
    ),
  ];
}
