import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';

export interface AwsClientOptions {
  /** Default: as the SDK finds it (AWS_REGION, the shared config file). */
  readonly region?: string;
  /** Default: AWS's own, or what AWS_ENDPOINT_URL_<SERVICE> names. */
  readonly endpoint?: string;
}

const ATTEMPTS = 5; // of one request, by the SDK, for throttling, 5xx and lost connections; about 5 s in all

/** Credentials come from the SDK's own chain and are never in our hands. */
export function redshiftDataClient(options: AwsClientOptions = {}): RedshiftDataClient {
  return new RedshiftDataClient({ ...options, maxAttempts: ATTEMPTS });
}
