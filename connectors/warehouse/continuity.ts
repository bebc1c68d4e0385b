import { MarkMoved } from './errors.ts';
import type { LoadRequest } from './port.ts';

/**
 * Where rows are appended, each must be read exactly once: from the mark that the load before has left.
 * @param mark of the load of the table that was applied last
 * @throws {MarkMoved} when the load was read from another mark
 */
export function mustContinue({ table, manifest }: LoadRequest, label: string, mark: string | null): void {
  const { since, loadId } = manifest;
  if (table.write !== 'append' || since === undefined) return;
  if (mark !== since) throw new MarkMoved(label, loadId, since, mark);
}
