import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../../cli/embedded/home.ts';
import type { Lab } from './lab.ts';
import { eventually } from './wait.ts';

/** Another program that has the warehouse file open. @returns what makes it let go */
export async function holdWarehouse(file: string): Promise<() => Promise<void>> {
  const script = join(ROOT, 'connectors', 'warehouse', 'duckdb', 'holder.fixture.ts');
  const holder = spawn(process.execPath, ['--import', 'tsx', script, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => holder.kill('SIGKILL')); // where a test fails before it lets go
  await once(holder.stdout, 'data');
  return async () => {
    holder.kill('SIGKILL');
    await once(holder, 'exit');
  };
}

/** Locks a table of the source, so that its extraction waits. @returns what unlocks it */
export async function lockTable(lab: Lab, table: string): Promise<() => Promise<void>> {
  return lab.holdInSource(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
}

/** Holds an advisory lock. @returns what gives it up */
export async function closeGate(lab: Lab, gate: number): Promise<() => Promise<void>> {
  return lab.holdInSource(`SELECT pg_advisory_lock(${gate})`);
}

/** Waits until a session of ours waits for a lock in the source. */
export async function untilBlocked(lab: Lab, sessions = 1): Promise<void> {
  await eventually('an extraction that waits for a lock', async () => {
    const { rows } = await lab.source.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'sluice' AND wait_event_type = 'Lock'`,
    );
    return (rows[0]?.n ?? 0) >= sessions;
  });
}
