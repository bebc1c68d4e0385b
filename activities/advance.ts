import { messageOf } from '../core/errors.ts';
import type { RunRef } from '../core/run.ts';
import type { Connectors } from './connectors.ts';
import { say } from './step-lines.ts';

/** The tables of a pipeline that go by a stream of changes, and where it is. */
export interface Followed {
  readonly connection: string;
  readonly tables: readonly string[];
}

/**
 * Lets the source forget the changes that every table of the pipeline has loaded. A table that stands nowhere yet holds all of them. What is
 * loaded stays loaded where this fails: the next run does it.
 */
export async function advance(
  { source, warehouse }: Pick<Connectors, 'source' | 'warehouse'>,
  { pipeline }: RunRef,
  { connection, tables }: Followed,
): Promise<void> {
  try {
    const marks = await Promise.all(tables.map((table) => warehouse.mark(pipeline, table)));
    const standing = marks.flatMap((mark) => (mark ? [mark.value] : []));
    if (standing.length === tables.length)
      await (await source(connection)).changes?.advance(pipeline, standing);
  } catch (error) {
    say(`The source keeps changes that are loaded until the next run: ${messageOf(error)}`, 'warn');
  }
}
