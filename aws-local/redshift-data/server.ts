import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { RedshiftDatabase } from '../redshift-database/database.ts';
import { ServiceError } from './error.ts';
import { fault, Faults } from './faults.ts';
import type { Places } from './places.ts';
import type { Delays } from './runner.ts';
import { DataService } from './service.ts';

export interface DataServerOptions extends Places {
  readonly database: RedshiftDatabase;
  readonly host?: string;
  /** A free one where absent. */
  readonly port?: number;
  /** How long a statement stays SUBMITTED, then PICKED (default 15 and 15 ms). */
  readonly delays?: Delays;
  /** Rows of a page of results (default 1000). */
  readonly pageRows?: number;
}

/**
 * Answers the Redshift Data API to the real SDK: JSON 1.1 over HTTP, https://docs.aws.amazon.com/redshift-data/latest/APIReference/.
 * `POST /_faults` with a list of faults sets what goes wrong next; `[]` ends it. `GET /_calls` counts operations and statements so far.
 */
export class DataServer {
  readonly faults = new Faults();
  /** Operations answered so far, by name. */
  readonly calls = new Map<string, number>();
  /** Statements sent so far, by their first word. */
  readonly statements = new Map<string, number>();
  readonly #server: Server;
  readonly #service: DataService;

  private constructor(options: DataServerOptions) {
    this.#service = new DataService({
      database: options.database,
      faults: this.faults,
      places: options,
      delays: options.delays ?? { pick: 15, start: 15 },
      pageRows: options.pageRows ?? 1000,
    });
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(options: DataServerOptions): Promise<DataServer> {
    const started = new DataServer(options);
    await new Promise<void>((resolve, reject) => {
      started.#server.once('error', reject);
      started.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
    });
    return started;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await this.#service.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (request.url === '/_faults') return this.#setFaults(body, response);
    if (request.url === '/_calls') {
      const counts = {
        operations: Object.fromEntries(this.calls),
        statements: Object.fromEntries(this.statements),
      };
      return send(response, 200, JSON.stringify(counts));
    }
    const target = request.headers['x-amz-target'];
    const operation = String(target).replace(/^RedshiftData\./, '');
    count(this.calls, operation);
    for (const sql of statementsOf(body)) count(this.statements, sql.trim().split(/\s/)[0] ?? '');
    try {
      await sleep(this.faults.delay(operation));
      const refusal = this.faults.refusal(operation);
      if (refusal) throw new ServiceError(refusal.type, refusal.message, refusal.status);
      if (!request.headers.authorization)
        throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
      const answer = await this.#service.answer(operation, JSON.parse(body || '{}'));
      if (this.faults.losesAnswer(operation)) response.destroy();
      else send(response, 200, answer);
    } catch (error) {
      const known =
        error instanceof ServiceError
          ? error
          : new ServiceError('InternalServerException', String(error), 500);
      send(
        response,
        known.status,
        JSON.stringify({ __type: known.type, message: known.message, Message: known.message }),
      );
    }
  }

  #setFaults(body: string, response: ServerResponse): void {
    const parsed = z.array(fault).safeParse(JSON.parse(body || '[]'));
    if (!parsed.success) return send(response, 400, JSON.stringify({ message: parsed.error.message }));
    this.faults.clear();
    for (const one of parsed.data) this.faults.add(one);
    send(response, 200, '{}');
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function statementsOf(body: string): readonly string[] {
  const parsed = z
    .object({ Sql: z.string().optional(), Sqls: z.array(z.string()).default([]) })
    .safeParse(JSON.parse(body || '{}'));
  if (!parsed.success) return [];
  return [...(parsed.data.Sql === undefined ? [] : [parsed.data.Sql]), ...parsed.data.Sqls];
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
