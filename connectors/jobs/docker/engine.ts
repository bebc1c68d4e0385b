import { request as plain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as secure } from 'node:https';
import { text } from 'node:stream/consumers';
import { TerminalError } from '../../../core/errors.ts';
import { Refused, unreached } from './errors.ts';

/** What this adapter was written for. An engine that is older is asked in its own version, one that is newer answers this. */
const VERSION = '1.44';
const DEFAULT_PORT = 2375;
const SHORT_MS = 60_000; // an engine that says nothing for so long is out of reach

export interface Call {
  readonly query?: Readonly<Record<string, string>>;
  /** JSON, or bytes of a tar archive. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Its answer may take as long as it will: the signal ends it. */
  readonly isLong?: boolean;
  /** How long its answer may take otherwise. */
  readonly patienceMs?: number;
}

/** The Engine API over a socket or HTTP. https://docs.docker.com/reference/api/engine/ */
export class Engine {
  readonly host: string;
  #version: Promise<string> | undefined;

  /** @param host as in `DOCKER_HOST`: `unix:///var/run/docker.sock`, `tcp://host:2375` */
  constructor(host: string) {
    this.host = host;
  }

  /** @throws {Refused} where the engine says no @throws {Unreachable} */
  async json(method: string, path: string, call: Call = {}): Promise<unknown> {
    const answer = await this.stream(method, path, call);
    const body = await text(answer).catch((error: unknown) => {
      throw unreached(this.host, error);
    });
    return body ? (JSON.parse(body) as unknown) : undefined;
  }

  /** The answer's body is the caller's to read, or to destroy. */
  async stream(method: string, path: string, call: Call = {}): Promise<IncomingMessage> {
    this.#version ??= this.#agree();
    const version = await this.#version.catch((error: unknown) => {
      this.#version = undefined;
      throw error;
    });
    return this.#ask(method, `/v${version}${path}`, call);
  }

  async #agree(): Promise<string> {
    const answer = await this.#ask('GET', '/_ping');
    answer.resume();
    const theirs = String(answer.headers['api-version'] ?? VERSION);
    const [own = 0, minor = 0] = [VERSION, theirs].map((each) => Number(each.split('.')[1]));
    return minor < own ? theirs : VERSION;
  }

  async #ask(method: string, path: string, call: Call = {}): Promise<IncomingMessage> {
    const { query, body, headers, signal, isLong, patienceMs = SHORT_MS } = call;
    const search = query ? `?${new URLSearchParams(query).toString()}` : '';
    const bytes =
      body === undefined || body instanceof Uint8Array
        ? body
        : new TextEncoder().encode(JSON.stringify(body));
    const type = body instanceof Uint8Array ? 'application/x-tar' : 'application/json';
    const { send, place } = doorOf(this.host);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = {
        ...place,
        method,
        path: `${path}${search}`,
        headers: {
          ...(bytes ? { 'content-type': type, 'content-length': bytes.length } : {}),
          ...headers,
        },
        agent: false,
        ...(signal ? { signal } : {}),
      };
      const asked = send(options, resolve).on('error', reject);
      if (!isLong)
        asked.setTimeout(patienceMs, () => asked.destroy(new Error(`no answer in ${patienceMs / 1000} s`)));
      asked.end(bytes);
    }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw unreached(this.host, error);
    });
    const status = answer.statusCode ?? 0;
    if (status < 400) return answer;
    throw new Refused(status, saidIn(await text(answer).catch(() => '')));
  }
}

/** How it is reached. Looked at when it is used: who runs no containers may name what he will. */
function doorOf(host: string): { send: typeof plain; place: RequestOptions } {
  const address = host.replace(/^tcp:/, 'http:');
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'unix:' && url.pathname) return { send: plain, place: { socketPath: url.pathname } };
  if (url?.protocol === 'http:' || url?.protocol === 'https:')
    return {
      send: url.protocol === 'https:' ? secure : plain,
      place: { host: url.hostname, port: url.port || DEFAULT_PORT },
    };
  throw new TerminalError(
    `The container engine cannot be asked at '${host}'. Name its socket or address in 'jobs.container.host' of the profile: unix:///var/run/docker.sock, tcp://host:2375.`,
  );
}

function saidIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? message : body;
  } catch {
    return body;
  }
}
