import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { InvalidInput, messageOf } from '../core/errors.ts';
import { wordsOf } from '../core/issues.ts';
import type { Secrets } from '../connectors/secrets/port.ts';
import { profileSchema, type Profile } from './profile.ts';
import { ENGINE, PROJECT } from './project.ts';

/** `${NAME}`, `${NAME:-default}`, `${scheme:name}`; a name may hold references to the environment: `${aws-secret:${ARN}#password}`. */
const REFERENCE = /\$\{(?:([a-z-]+):)?((?:\$\{\w+\}|[^{}])+?)(?::-([^}]*))?\}/g;

/**
 * Reads a profile and replaces its references: `${NAME}`, `${NAME:-default}`, `${file:/path}`.
 * @param name `embedded` for `profiles/embedded.yaml`, or a path to a YAML file
 * @throws {InvalidInput} with every problem of the file at once
 */
export async function readProfile(name: string, secrets: readonly Secrets[]): Promise<Profile> {
  const file = fileOf(name);
  const problems: string[] = [];
  const raw = await readYaml(name, file);
  const resolved = await resolve(raw, '', secrets, problems);
  const parsed = profileSchema.safeParse(resolved);
  if (!parsed.success) {
    const unresolved = new Set(problems.map((problem) => problem.split(':')[0]));
    for (const issue of parsed.error.issues) {
      const field = issue.path.join('.');
      if (!unresolved.has(field)) problems.push(`${field || 'profile'}: ${wordsOf(issue)}.`);
    }
  }
  if (problems.length || !parsed.success) throw new InvalidInput(`Profile '${name}' (${file})`, problems);
  return { ...parsed.data, tasks: withPlain(parsed.data.tasks, raw) };
}

function withPlain(tasks: Profile['tasks'], raw: unknown): Profile['tasks'] {
  const written = (raw as { readonly tasks?: Profile['tasks'] }).tasks ?? {};
  const hasReference = (value: unknown) => String(value).search(REFERENCE) >= 0;
  return Object.fromEntries(
    Object.entries(tasks).map(([name, { env }]) => [
      name,
      { env, plain: Object.keys(env).filter((variable) => !hasReference(written[name]?.env[variable])) },
    ]),
  );
}

/** A project's own profile, else the engine's of that name. */
function fileOf(name: string): string {
  if (/[./]/.test(name)) return name;
  const [own, engines] = [PROJECT, ENGINE].map((folder) => join(folder, 'profiles', `${name}.yaml`));
  return [own, engines].find((file) => file !== undefined && existsSync(file)) ?? own ?? name;
}

async function readYaml(name: string, file: string): Promise<unknown> {
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch {
    throw new InvalidInput(`Profile '${name}'`, [
      `${file} cannot be read; name a profile of the folder profiles/ (--profile embedded), or a path.`,
    ]);
  }
  try {
    return parse(source, { merge: true }) as unknown;
  } catch (error) {
    throw new InvalidInput(`Profile '${name}' (${file})`, [messageOf(error)]);
  }
}

/** Walks through the document; a reference without value becomes a problem that names its field. */
async function resolve(
  value: unknown,
  path: string,
  secrets: readonly Secrets[],
  problems: string[],
): Promise<unknown> {
  if (Array.isArray(value)) {
    return Promise.all(value.map((entry, index) => resolve(entry, `${path}.${index}`, secrets, problems)));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      async ([key, entry]) =>
        [key, await resolve(entry, path ? `${path}.${key}` : key, secrets, problems)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }
  return typeof value === 'string' ? replaceReferences(value, path, secrets, problems) : value;
}

async function replaceReferences(
  text: string,
  path: string,
  secrets: readonly Secrets[],
  problems: string[],
): Promise<string> {
  let result = text;
  for (const [reference, scheme = 'env', name = '', fallback] of text.matchAll(REFERENCE)) {
    const store = secrets.find((candidate) => candidate.scheme === scheme);
    const key = name.includes('${') ? await replaceReferences(name, path, secrets, problems) : name;
    if (key.includes('${')) continue; // the inner reference has no value, and that is said already
    const value = (await store?.read(key)) ?? fallback;
    if (value === undefined) {
      problems.push(
        store
          ? `${path}: ${reference} has no value; set ${scheme === 'env' ? `the environment variable ${name}` : name}.`
          : `${path}: ${reference}: there is no '${scheme}' to read from; there are ${secrets.map((each) => each.scheme).join(', ')}.`,
      );
    } else result = result.replace(reference, () => value);
  }
  return result;
}
