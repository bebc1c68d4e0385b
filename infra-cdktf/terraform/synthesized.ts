import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** What synth writes for a stack: `cdk.tf.json`. */
export interface Synthesized {
  readonly resource?: Record<string, Record<string, JsonObject>>;
  readonly data?: { terraform_remote_state?: Record<string, JsonObject> } & Record<
    string,
    Record<string, JsonObject>
  >;
  readonly variable?: Record<string, JsonObject>;
  readonly output?: Record<string, JsonObject>;
  readonly provider: { aws: JsonObject[] };
  readonly terraform: JsonObject;
}

export const synthesizedFolder = 'cdktf.out/stacks';

export function readStack(folder: string, stack: string): Synthesized {
  return JSON.parse(readFileSync(join(folder, stack, 'cdk.tf.json'), 'utf8')) as Synthesized;
}
