import { KeyViolated } from '../errors.ts';
import type { LoadRequest } from '../port.ts';

export function mustHaveKeyColumns({ table, manifest }: LoadRequest, target: string): void {
  const known = manifest.schema.columns.map(({ name }) => name);
  const missing = table.primaryKey.filter((name) => !known.includes(name));
  if (!missing.length) return;
  const names = missing.map((name) => `'${name}'`).join(', ');
  throw new KeyViolated(
    target,
    table.primaryKey,
    `names ${names}, which the table does not have: ${known.join(', ')}.`,
  );
}
