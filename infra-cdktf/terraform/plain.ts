import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import { environments } from '../config/index.ts';
import { isObject, nameOfResource, type Resource } from '../policy/resource.ts';
import { isResolved, resolvedSubject, synthesizedSubject } from '../policy/subjects.ts';
import type { Json, JsonObject } from './synthesized.ts';

/**
 * What the mocked apply left as plain Terraform, `cdktf.out/plain/<env>/<stack>.tf`, for checkers of other makers. They do not read CDKTF's JSON, and references between stacks would be unknown to them too.
 */
export const plainFolder = 'cdktf.out/plain';

/** Stack -> its resources as plain Terraform. */
function plain(env: Environment): ReadonlyMap<string, string> {
  const configured = new Map(
    synthesizedSubject(env).resources.map((each) => [nameOfResource(each), each.values]),
  );
  const files = new Map<string, string>();
  for (const each of resolvedSubject(env).resources) {
    const text = resourceBlock(each, configured.get(nameOfResource(each)) ?? {});
    files.set(each.stack, `${files.get(each.stack) ?? ''}${text}\n`);
  }
  return files;
}

/** A stack's name becomes part of a resource's: all of them are in one file. */
function resourceBlock({ stack, type, id, values }: Resource, configured: JsonObject): string {
  const known: JsonObject = Object.fromEntries(
    Object.entries(values).filter(([key]) => key in configured || key === 'tags'),
  );
  const lines = body(known, '  ', (key) => reference(stack, configured[key]));
  return `resource "${type}" "${stack}-${id}" {\n${lines}}\n`;
}

/** A value that is made from one attribute of a resource of the same stack, as Terraform writes it. */
function reference(stack: string, value: Json | undefined): string | undefined {
  const text = typeof value === 'string' ? value : '';
  const [, before = '', type, id, attribute, after = ''] =
    /^([^$"]*)\$\{(aws_\w+)\.([\w-]+)\.(\w+)\}([^$"]*)$/.exec(text) ?? [];
  return type && id && attribute ? `"${before}\${${type}.${stack}-${id}.${attribute}}${after}"` : undefined;
}

/** Lists of objects are nested blocks, everything else is an attribute. */
function body(values: JsonObject, indent: string, refer: (key: string) => string | undefined): string {
  return Object.entries(values)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => {
      if (Array.isArray(value) && value.length > 0 && value.every(isObject))
        return value
          .map((block) => `${indent}${key} {\n${body(block, `${indent}  `, () => undefined)}${indent}}\n`)
          .join('');
      return `${indent}${key} = ${refer(key) ?? literal(value)}\n`;
    })
    .join('');
}

/** JSON is Terraform's syntax for values, but for interpolation. */
function literal(value: Json): string {
  return JSON.stringify(value).replace(/[$%](?=\{)/g, (sign) => sign + sign);
}

/** Of every environment that was applied. */
export function writePlain(): void {
  rmSync(plainFolder, { recursive: true, force: true });
  for (const env of environments.filter(isResolved)) {
    mkdirSync(join(plainFolder, env.name), { recursive: true });
    for (const [stack, text] of plain(env)) writeFileSync(join(plainFolder, env.name, `${stack}.tf`), text);
  }
}
