import {
  at,
  blocks,
  findings,
  ofType,
  refersTo,
  type Resource,
  type Rule,
  type Subject,
} from '../resource.ts';
import { statementsIn } from '../iam.ts';

/** Findings for buckets that no resource of a type supplements as it should. */
function everyBucketHas(type: string, good: (companion: Resource) => boolean, detail: string): Rule['check'] {
  return (subject: Subject) => {
    const companions = ofType(subject, type).filter(good);
    return findings(
      ofType(subject, 'aws_s3_bucket'),
      (bucket) => companions.some(({ values }) => refersTo(values['bucket'], bucket)),
      detail,
    );
  };
}

const publicAccess = [
  'block_public_acls',
  'block_public_policy',
  'ignore_public_acls',
  'restrict_public_buckets',
];

export const bucketRules: readonly Rule[] = [
  {
    id: 'bucket-private',
    says: 'buckets block public access in all four ways',
    check: everyBucketHas(
      'aws_s3_bucket_public_access_block',
      ({ values }) => publicAccess.every((key) => values[key] === true),
      'public access is not blocked',
    ),
  },
  {
    id: 'bucket-ownership',
    says: 'buckets own what is in them',
    check: everyBucketHas(
      'aws_s3_bucket_ownership_controls',
      ({ values }) => at(values, 'rule.object_ownership') === 'BucketOwnerEnforced',
      'ownership is not enforced',
    ),
  },
  {
    id: 'bucket-versioning',
    says: 'buckets keep what was replaced or deleted',
    check: everyBucketHas(
      'aws_s3_bucket_versioning',
      ({ values }) => at(values, 'versioning_configuration.status') === 'Enabled',
      'versioning is not on',
    ),
  },
  {
    id: 'bucket-tls',
    says: 'buckets refuse connections without TLS',
    check: everyBucketHas('aws_s3_bucket_policy', refusesPlainText, 'no Deny on aws:SecureTransport false'),
  },
  {
    id: 'bucket-clean-up',
    says: 'buckets drop unfinished uploads and old versions',
    check: everyBucketHas(
      'aws_s3_bucket_lifecycle_configuration',
      ({ values }) =>
        blocks(values['rule']).some(
          (rule) =>
            rule['status'] === 'Enabled' &&
            at(rule, 'abort_incomplete_multipart_upload.days_after_initiation') !== undefined &&
            at(rule, 'noncurrent_version_expiration.noncurrent_days') !== undefined,
        ),
      'no clean-up rule',
    ),
  },
];

function refusesPlainText(policy: Resource): boolean {
  return statementsIn(policy, 'policy').some(
    ({ effect, actions, condition }) =>
      effect === 'Deny' &&
      actions.includes('s3:*') &&
      JSON.stringify(condition).includes('"aws:SecureTransport":"false"'),
  );
}
