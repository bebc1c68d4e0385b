import type { Json, JsonObject } from '../terraform/synthesized.ts';

/** A resource as configured or as applied: both have the same attributes, only references differ. */
export interface Resource {
  /** `storage`, `network`, …, `account`. */
  readonly stack: string;
  readonly type: string;
  readonly id: string;
  readonly values: JsonObject;
}

export interface Finding {
  readonly resource: string;
  readonly detail: string;
}

/** What a rule looks at. */
export interface Subject {
  readonly resources: readonly Resource[];
  readonly env: PolicyEnvironment;
}

export interface PolicyEnvironment {
  readonly project: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly tier: 'development' | 'production';
  readonly permissionsBoundary?: string;
  readonly state: { readonly bucket: string };
}

export interface Rule {
  readonly id: string;
  readonly says: string;
  readonly check: (subject: Subject) => readonly Finding[];
}

export function nameOfResource({ stack, type, id }: Resource): string {
  return `${stack}/${type}.${id}`;
}

export function ofType(subject: Subject, ...types: readonly string[]): Resource[] {
  return subject.resources.filter((resource) => types.includes(resource.type));
}

/** A nested block: an object in the configuration, a list in the state. */
export function blocks(value: Json | undefined): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isObject);
  return isObject(value) ? [value] : [];
}

/** The value under `a.b.c`, the first of a list where blocks repeat. */
export function at(values: JsonObject, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>((value, key) => blocks(value)[0]?.[key], values);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A scalar as text; nothing for nothing, and never `[object Object]`. */
export function text(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function texts(value: Json | undefined): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string');
}

/** Whether a value is, or is made from, a resource's attribute: by reference in the configuration, by its id in the state. */
export function refersTo(value: Json | undefined, target: Resource): boolean {
  if (typeof value !== 'string') return false;
  const identities = ['id', 'arn', 'name', 'bucket'].map((key) => target.values[key]);
  return value.includes(`${target.type}.${target.id}.`) || identities.includes(value);
}

/** A finding for each resource where the check does not hold. */
export function findings(
  resources: readonly Resource[],
  holds: (resource: Resource) => boolean,
  detail: string,
): Finding[] {
  return resources
    .filter((resource) => !holds(resource))
    .map((resource) => ({ resource: nameOfResource(resource), detail }));
}
