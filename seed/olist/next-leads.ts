import type { Client } from 'pg';
import { dayText } from '../calendar.ts';
import { copyRows } from '../copy.ts';
import { Random } from '../random.ts';
import { closedRow, qualifiedRow } from './leads.ts';

/** Adds the leads of a day, one to nine, and returns how many. */
export async function qualifyLeads(client: Client, day: number): Promise<number> {
  const count = new Random(day, 'leads of the day', 0).between(1, 9);
  const rows = Array.from({ length: count }, (_, index) => {
    const random = new Random(day, 'new lead', index);
    return qualifiedRow(random, random.id(), day);
  });
  return copyRows(client, 'leads_qualified', rows, { fresh: false });
}

/** Wins one or two of the open leads of the last ninety days, where there are any, and returns how many. */
export async function closeLeads(client: Client, day: number): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    `select mql_id as id from public.leads_qualified
     where first_contact_date >= $1::date - 90 and first_contact_date < $1::date
       and not exists (select from public.leads_closed c where c.mql_id = leads_qualified.mql_id)
     order by mql_id collate "C"`,
    [dayText(day)],
  );
  const random = new Random(day, 'wins of the day', 0);
  const won = new Set(rows.length === 0 ? [] : [random.pick(rows).id, random.pick(rows).id]);
  const closed = [...won].map((lead) => closedRow(random, lead, random.id(), day));
  return copyRows(client, 'leads_closed', closed, { fresh: false });
}
