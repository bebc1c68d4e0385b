import type { Client } from 'pg';
import { InvalidInput } from '../../core/errors.ts';
import { parseInstant } from '../../core/interval.ts';
import { dayOf } from '../calendar.ts';
import { declaredColumns } from '../declared.ts';
import { olistTables } from './tables.ts';

/**
 * Moves every date and timestamp of every table by the same whole days, so that the newest order falls on `day`
 * (`2026-11-20`), and returns the days. Tables are rewritten, once each; run it before keys are added.
 *
 * @throws {InvalidInput} when `day` is not a date or there is no order to go by
 */
export async function shiftTo(client: Client, day: string): Promise<number> {
  const newest = await newestPurchase(client);
  if (newest === undefined) {
    throw new InvalidInput(`Shift to ${day}`, [
      'there is no order to go by; seed orders, or leave the shift out.',
    ]);
  }
  const days = dayOf(asDay(day)) - dayOf(newest);
  if (days === 0) return 0;
  for (const [table, columns] of await declaredColumns(client, olistTables)) {
    const moves = columns.flatMap(({ name, type }) => {
      if (type === 'date') return [`alter column ${name} type date using ${name} + ${days}`];
      if (!type.startsWith('timestamp')) return [];
      return [`alter column ${name} type ${type} using ${name} + make_interval(days => ${days})`];
    });
    if (moves.length > 0) await client.query(`alter table public.${table} ${moves.join(', ')}`);
  }
  return days;
}

/** The day of the newest order. */
export async function newestPurchase(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ day: string | null }>(
    'select max(order_purchase_timestamp)::date::text as day from public.orders',
  );
  return rows[0]?.day ?? undefined;
}

/** Checks a day before anything is done with it. @throws {InvalidInput} when it is not like `2026-11-20` */
export function asDay(day: string): string {
  const instant = parseInstant(day);
  if (day.length === 10) return instant.slice(0, 10);
  throw new InvalidInput('The day to shift to', [`'${day}' has a time of day; write it like 2026-11-20.`]);
}
