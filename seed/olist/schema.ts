import { readFile } from 'node:fs/promises';
import type { Client } from 'pg';
import { olistTables, type OlistTable } from './tables.ts';

/** Replaces the tables by empty ones, without keys. */
export async function createTables(client: Client): Promise<void> {
  await client.query(`drop table if exists ${olistTables.map((table) => `public.${table}`).join(', ')}`);
  await client.query(await readFile(new URL('./schema.sql', import.meta.url), 'utf8'));
}

/**
 * Adds keys and indexes, checks every foreign key except those to a table in `empty`, and returns the names of these.
 * They hold for later rows all the same.
 */
export async function addKeys(client: Client, empty: readonly OlistTable[]): Promise<readonly string[]> {
  await client.query(await readFile(new URL('./keys.sql', import.meta.url), 'utf8'));
  const { rows } = await client.query<{ name: string; child: string; parent: string }>(
    `select conname as name, conrelid::regclass::text as child, r.relname as parent
     from pg_constraint join pg_class r on r.oid = confrelid
     where contype = 'f' and not convalidated and conrelid = any ($1::regclass[]) order by conname`,
    [olistTables.map((table) => `public.${table}`)],
  );
  const unchecked: string[] = [];
  for (const { name, child, parent } of rows) {
    if (empty.some((table) => table === parent)) unchecked.push(name);
    else await client.query(`alter table ${child} validate constraint ${client.escapeIdentifier(name)}`);
  }
  await client.query(`analyze ${olistTables.map((table) => `public.${table}`).join(', ')}`);
  return unchecked;
}
