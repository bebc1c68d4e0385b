import { type Json, type JsonObject, type Synthesized } from './synthesized.ts';

export interface Module {
  readonly source: JsonObject;
  /** Input variable -> the stack whose outputs it takes. */
  readonly inputs: Readonly<Record<string, string>>;
}

const remoteStatePrefix = 'cross-stack-reference-input-';

/**
 * A stack as a module, so that an environment can be applied as a whole: what it reads from another stack's state
 * becomes an input variable. Resources stay as they were synthesized; only `prevent_destroy` goes, or the test could not clean up.
 */
export function moduleOf(stack: Synthesized): Module {
  const states = Object.keys(stack.data?.terraform_remote_state ?? {});
  const inputs = Object.fromEntries(
    states.map((state) => [variableOf(state), state.slice(remoteStatePrefix.length)]),
  );
  const text = JSON.stringify(stack.resource ?? {}).replace(
    /data\.terraform_remote_state\.([\w-]+)\.outputs\./g,
    (_, state: string) => `var.${variableOf(state)}.`,
  );
  const blocks: JsonObject = {
    terraform: { required_providers: stack.terraform['required_providers'] ?? {} },
    variable: {
      ...stack.variable,
      ...Object.fromEntries(Object.keys(inputs).map((name) => [name, { type: 'any' }])),
    },
    resource: withoutPreventDestroy(JSON.parse(text) as Json),
    output: stack.output ?? {},
  };
  // Terraform's JSON refuses an empty block.
  const source = Object.fromEntries(
    Object.entries(blocks).filter(([, block]) => Object.keys(block as JsonObject).length > 0),
  );
  return { source, inputs };
}

function variableOf(state: string): string {
  return state.replaceAll('-', '_');
}

function withoutPreventDestroy(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutPreventDestroy);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'prevent_destroy' && key !== '//');
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutPreventDestroy(inner)]));
}
