import type { Instant } from './interval.ts';

/** Where the loads of one table live in the lake, and which day's partition this one belongs to. */
export interface LoadPlace {
  readonly pipeline: string;
  /** A label. */
  readonly domain: string;
  readonly table: string;
  readonly logicalDate: Instant;
  readonly loadId: string;
}

export const MANIFEST_NAME = '_manifest.json';

/** `bronze/<pipeline>/<table>`: no leading or trailing slash; always join with `/`, so that no longer name shares the prefix. */
export function tablePath(place: Pick<LoadPlace, 'pipeline' | 'table'>): string {
  return `bronze/${place.pipeline}/${place.table}`;
}

/** Where versions before had them. What they have left there stays, and is read. */
export function formerTablePath(place: Pick<LoadPlace, 'domain' | 'table'>): string {
  return `bronze/${place.domain}/${place.table}`;
}

/** `bronze/<pipeline>/<table>/year=YYYY/month=MM/day=DD/load=<load id>` */
export function loadPath(place: Omit<LoadPlace, 'domain'>): string {
  const [year, month, day] = place.logicalDate.slice(0, 10).split('-');
  return `${tablePath(place)}/year=${year}/month=${month}/day=${day}/load=${place.loadId}`;
}
