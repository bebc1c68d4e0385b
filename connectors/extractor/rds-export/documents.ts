import { z } from 'zod';
import { manifest } from '../../../core/manifest.ts';
import type { Exported } from '../../source/port.ts';

const VERSION = 1;

const said = manifest.pick({
  schema: true,
  rows: true,
  highWaterMark: true,
  timezone: true,
  cursor: true,
  since: true,
  before: true,
  reach: true,
  notes: true,
  coercions: true,
  extractedAt: true,
});
const part = z.strictObject({
  name: z.string(),
  rows: z.int().nonnegative(),
  files: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
});
/** What is written down once a table's export is whole, for the attempts that come. */
const record = z.strictObject({
  version: z.literal(VERSION),
  /** What the manifest will say. */
  said,
  parts: z.array(part).readonly(),
});
export type ExportRecord = z.infer<typeof record>;

export function recordOf({ parts, ...said }: Exported): ExportRecord {
  return record.parse({ version: VERSION, said, parts });
}

/** Undefined where it is none of this release: the table is asked for again. */
export function parseRecord(text: string): ExportRecord | undefined {
  try {
    return record.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The files of a part, in their order, as RDS names them. */
export function filesOf({ name, files }: ExportRecord['parts'][number]): string[] {
  return Array.from({ length: files }, (_, at) => (at ? `${name}_part${at + 1}` : name));
}
