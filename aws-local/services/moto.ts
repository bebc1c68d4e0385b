import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startFenced } from './fenced.ts';
import { freePort, listening } from './ports.ts';
import { howToGet, TOOLS } from './tools.ts';

export interface MotoServer {
  /** Answers Secrets Manager, SSM parameters, SNS and CloudWatch metrics. For nothing that should do work. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

export function motoProgram(): string | undefined {
  const path = join(TOOLS, 'moto', 'bin', 'moto_server');
  return existsSync(path) ? path : undefined;
}

/** Starts moto's server with nothing in it. It ends with this process at the latest. */
export async function startMoto(
  folder: string,
  { host = '127.0.0.1', port }: { readonly host?: string; readonly port?: number | undefined } = {},
): Promise<MotoServer> {
  const program = motoProgram();
  if (!program) throw new Error(howToGet('moto (.tools/moto)'));
  const chosen = port ?? (await freePort());
  const log = join(folder, 'moto.log');
  const server = startFenced(program, ['-H', host, '-p', String(chosen)], { log });
  await listening(chosen, 'moto', { exited: server.exited, log });
  return { endpoint: `http://127.0.0.1:${chosen}`, stop: () => server.stop() };
}
