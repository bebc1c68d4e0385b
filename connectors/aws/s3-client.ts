import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

export interface S3ClientOptions {
  /** `eu-central-1`; where absent, the SDK finds it in the environment. */
  readonly region?: string;
  /** An S3 server other than Amazon's. Where absent, the SDK takes `AWS_ENDPOINT_URL_S3`, else Amazon's. */
  readonly endpoint?: string;
  /** `http://host/bucket/key` in place of `http://bucket.host/key`: for servers without a name per bucket. */
  readonly pathStyle?: boolean;
  /** Where absent, the SDK's default chain: environment, profile, container or instance role. */
  readonly credentials?: S3ClientConfig['credentials'];
}

const ATTEMPTS = 4; // with the SDK's backoff these span about 2 s; what lasts longer is Temporal's to retry
const CONNECT_MS = 5_000;
/** Without a byte moving. An answer to `CompleteMultipartUpload` may take minutes, but S3 sends blanks meanwhile. */
const SILENCE_MS = 60_000;

/** A client that retries within seconds and never waits forever. */
export function s3Client({ region, endpoint, pathStyle, credentials }: S3ClientOptions = {}): S3Client {
  return new S3Client({
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...(pathStyle ? { forcePathStyle: true } : {}),
    ...(credentials ? { credentials } : {}),
  });
}
