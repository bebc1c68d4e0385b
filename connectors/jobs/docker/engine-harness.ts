import { get } from 'node:http';
import { z } from 'zod';
import { nameOf } from '../containers.ts';
import type { Engine } from './engine.ts';

/** Small, and in reach of most engines; it is brought where it is not there. */
export const IMAGE = 'debian:bookworm-slim';
export const HOST = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';

/** What keeps containers from being tested here; undefined where an engine answers. */
export async function missingEngine(): Promise<string | undefined> {
  const url = new URL(HOST.replace(/^tcp:/, 'http:'));
  const place =
    url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port || 2375 };
  return new Promise((resolve) => {
    const asked = get({ ...place, path: '/_ping', agent: false, timeout: 5_000 }, (answer) => {
      answer.resume();
      resolve(undefined);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', ({ message }) =>
      resolve(`no container engine answers at ${HOST} (${message}); set DOCKER_HOST.`),
    );
  });
}

const listed = z.array(z.object({ Id: z.string(), Names: z.array(z.string()), State: z.string() }));

/** How tests look at an engine from outside. */
export function looksAt(engine: Engine) {
  const list = async (filters: object) =>
    listed.parse(
      await engine.json('GET', '/containers/json', { query: { all: '1', filters: JSON.stringify(filters) } }),
    );
  return {
    underWay: async (token: string) =>
      (await list({ status: ['running'], name: [`^/${nameOf({ name: token, token })}$`] })).length,
    left: async (owner: string) => (await list({ label: [`sluice.owner=${owner}`] })).length,
    list,
  };
}
