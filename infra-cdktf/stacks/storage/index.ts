import type { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository/index.js';
import { S3BucketNotification } from '@cdktf/provider-aws/lib/s3-bucket-notification/index.js';
import type { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic/index.js';
import type { App } from 'cdktf';
import { SluiceStack } from '../../app.ts';
import type { Environment } from '../../config/environment.ts';
import { alertsTopic } from './alerts-topic.ts';
import { buckets, type Buckets } from './buckets.ts';
import { imageRepository, lendImages } from './image-repository.ts';
import { keys, type Keys } from './keys.ts';

/** Everything that must outlive the machines: keys, buckets, images; and the topic that everything reports to. */
export class StorageStack extends SluiceStack {
  readonly keys: Keys;
  readonly buckets: Buckets;
  /** The worker's own. */
  readonly images: EcrRepository;
  /** Copies of the public images that tasks run. */
  readonly mirror: EcrRepository;
  readonly alerts: SnsTopic;

  constructor(app: App, env: Environment, environments: readonly Environment[]) {
    super(app, env, 'storage');
    this.keys = keys(this, env);
    this.buckets = buckets(this, env, this.keys);
    this.images = imageRepository(this, env, 'images', 'worker', this.keys.operations.arn);
    lendImages(this, env, this.images, environments);
    this.mirror = imageRepository(this, env, 'mirror', 'mirror', this.keys.operations.arn);
    this.alerts = alertsTopic(this, env, this.keys.operations.arn);
    new S3BucketNotification(this, 'bronze-events', { bucket: this.buckets.bronze.id, eventbridge: true });
  }
}
