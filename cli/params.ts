/** What `--param name=value`, given several times, amounts to; the names are checked where the run's input is. */
export function paramsOf(pairs: readonly string[] = []): {
  readonly params: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
} {
  const params = new Map<string, string>();
  const problems: string[] = [];
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) {
      problems.push(`--param: '${pair}' is no name=value.`);
      continue;
    }
    const name = pair.slice(0, at);
    if (params.has(name)) problems.push(`--param: '${name}' is given twice.`);
    params.set(name, pair.slice(at + 1));
  }
  return { params: Object.fromEntries(params), problems };
}
