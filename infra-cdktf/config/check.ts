export type Check = readonly [ok: boolean, problem: string];

/** The problems of the checks that do not hold. */
export function failed(checks: readonly Check[]): string[] {
  return checks.filter(([ok]) => !ok).map(([, problem]) => problem);
}
