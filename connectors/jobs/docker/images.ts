import { createInterface } from 'node:readline';
import { TerminalError, Unreachable } from '../../../core/errors.ts';
import type { Engine } from './engine.ts';
import { engineFailure, Refused } from './errors.ts';

/** How the engine signs in where an image comes from. */
export interface Registry {
  readonly username: string;
  readonly password: string;
}

/** Brings an image that the engine does not have. @throws {TerminalError} there is none, or it may not be had */
export async function pull(
  engine: Engine,
  image: string,
  subject: string,
  registry: Registry | undefined,
  signal: AbortSignal,
): Promise<void> {
  let problem: string | undefined;
  try {
    const { name, tag } = partsOf(image);
    const answer = await engine.stream('POST', '/images/create', {
      query: { fromImage: name, ...(tag ? { tag } : {}) },
      headers: registry
        ? { 'x-registry-auth': Buffer.from(JSON.stringify(registry)).toString('base64url') }
        : {},
      signal,
      isLong: true,
    });
    for await (const line of createInterface({ input: answer })) problem = errorIn(line) ?? problem;
  } catch (error) {
    signal.throwIfAborted();
    // Engines say it either way: before they begin, or in what they then tell.
    if (!(error instanceof Refused)) throw error;
    if (!/not found|denied|unauthori|manifest|no such host|dial |timeout|lookup/i.test(error.message))
      throw engineFailure(error, subject);
    problem = error.message;
  }
  signal.throwIfAborted();
  if (problem === undefined) return;
  if (/dial |timeout|lookup|no such host|refused|EOF|50\d|too many requests/i.test(problem))
    throw new Unreachable(
      `${subject}: image '${image}' is not on this engine, and where it comes from cannot be reached: ${problem}. Try again, or load it ('docker pull', 'docker load').`,
    );
  throw new TerminalError(
    `${subject}: image '${image}' cannot be had: ${problem}. Correct 'container.image', push it, or name who may pull it under 'jobs.container.registries' in the profile.`,
  );
}

/** The host of the registry that an image comes from. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
}

/** Without a tag the engine would bring all that there are. */
function partsOf(image: string): { name: string; tag: string | undefined } {
  if (image.includes('@')) return { name: image, tag: undefined };
  const colon = image.indexOf(':', image.lastIndexOf('/') + 1);
  return colon < 0
    ? { name: image, tag: 'latest' }
    : { name: image.slice(0, colon), tag: image.slice(colon + 1) };
}

function errorIn(line: string): string | undefined {
  if (!line.trim()) return undefined;
  try {
    const { error } = JSON.parse(line) as { error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
