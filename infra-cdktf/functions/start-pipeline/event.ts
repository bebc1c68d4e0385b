import { createHash } from 'node:crypto';

/** EventBridge's `Object Created` of S3, as far as it is read here. */
export interface ObjectCreated {
  readonly detail: {
    readonly bucket: { readonly name: string };
    readonly object: { readonly key: string; readonly etag?: string; readonly 'version-id'?: string };
  };
}

export interface Start {
  readonly workflowId: string;
  readonly pipeline: string;
  readonly file: string;
}

/** `landing/<pipeline>/<file>`: the folder names the pipeline. A file that was written again is another file. */
export function startOf({ detail }: ObjectCreated): Start {
  const { bucket, object } = detail;
  const [, pipeline] = /^landing\/([a-z][a-z0-9_]*)\/[^/].*$/.exec(object.key) ?? [];
  if (pipeline === undefined) throw new Error(`${object.key} is not landing/<pipeline>/<file>`);
  const version = object['version-id'] ?? object.etag ?? '';
  const digest = createHash('sha256')
    .update(`${bucket.name}/${object.key}@${version}`)
    .digest('hex')
    .slice(0, 16);
  return { workflowId: `${pipeline}-file-${digest}`, pipeline, file: `s3://${bucket.name}/${object.key}` };
}
