import type { Environment } from './config/environment.ts';

export const layers = ['bronze', 'silver', 'gold'] as const;
export type Layer = (typeof layers)[number];

export const bucketPurposes = [...layers, 'pages', 'scripts', 'results', 'logs'] as const;
export type BucketPurpose = (typeof bucketPurposes)[number];

type Named = Pick<Environment, 'project' | 'name'>;
type Placed = Pick<Environment, 'region' | 'account'>;

/** `sluice-dev-worker`: how a thing of this environment is called in AWS. */
export function nameOf(env: Named, what: string): string {
  return `${env.project}-${env.name}-${what}`;
}

/** Bucket names are global: the account and the region make them unique. */
export function bucketName(env: Named & Placed, purpose: BucketPurpose): string {
  return `${nameOf(env, purpose)}-${env.account}-${env.region}`;
}

/** Names in the Glue Data Catalog take no dashes. */
export function catalogName(env: Named, what: string): string {
  return nameOf(env, what).replaceAll('-', '_');
}

export function arnOf(env: Placed, service: string, resource: string): string {
  return `arn:aws:${service}:${env.region}:${env.account}:${resource}`;
}

/** IAM has no region. */
export function roleArn(env: Pick<Environment, 'account'>, role: string): string {
  return `arn:aws:iam::${env.account}:role/${role}`;
}

/** Where the values of the `aws` profile are published. */
export function parameterName(env: Named, variable: string): string {
  return `/${env.project}/${env.name}/${variable}`;
}

/** The private DNS zone of an environment's services. */
export function serviceZone(env: Named): string {
  return `${env.name}.${env.project}.internal`;
}

/** Where Temporal's frontend listens. */
export function temporalAddress(env: Named): string {
  return `temporal-frontend.${serviceZone(env)}:7233`;
}

/** The policy that bounds what any role made for a workload may do. */
export function boundaryArn(env: Pick<Environment, 'account' | 'permissionsBoundary'> & Named): string {
  return env.permissionsBoundary ?? `arn:aws:iam::${env.account}:policy/${nameOf(env, 'boundary')}`;
}
