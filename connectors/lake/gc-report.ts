import type { GcReport } from './port.ts';

export function bothOf(one: GcReport, other: GcReport): GcReport {
  return {
    removedLoads: one.removedLoads + other.removedLoads,
    removedFiles: one.removedFiles + other.removedFiles,
    removedBytes: one.removedBytes + other.removedBytes,
  };
}
