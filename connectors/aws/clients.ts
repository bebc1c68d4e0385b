import { RedshiftDataClient, type RedshiftDataClientConfig } from '@aws-sdk/client-redshift-data';

export interface AwsClientOptions {
  /** Default: as the SDK finds it (AWS_REGION, the shared config file). */
  readonly region?: string;
  /** Default: AWS's own, or what AWS_ENDPOINT_URL_REDSHIFT_DATA names. */
  readonly endpoint?: string;
  /** Default: the SDK's own chain: environment, profile, container or instance role. */
  readonly credentials?: NonNullable<RedshiftDataClientConfig['credentials']>;
}

const ATTEMPTS = 5; // of one request, for throttling, 5xx and lost connections; with the SDK's backoff about 5 s in all

/** A client that retries within seconds; what lasts longer is Temporal's to retry. */
export function redshiftDataClient(options: AwsClientOptions = {}): RedshiftDataClient {
  return new RedshiftDataClient({ ...options, maxAttempts: ATTEMPTS });
}
