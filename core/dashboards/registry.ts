import { InvalidInput } from '../errors.ts';
import { hint } from '../hint.ts';
import type { Registry } from '../registry.ts';
import { leadsBy, resolveDashboard, type Dashboard } from './resolve.ts';

/** The dashboards that hold, by name. What does not is in `broken`, with what is wrong. */
export type Dashboards = ReadonlyMap<string, Dashboard> & { readonly broken: readonly InvalidInput[] };

/** A file of `dashboards/`: what it exports, or why it could not be loaded. */
export type DashboardFile = { readonly file: string } & (
  { readonly exports: readonly unknown[] } | { readonly failure: string }
);

/** One that does not hold takes no other with it; of two of one name neither is there: which is meant nobody knows. */
export function readDashboards(files: readonly DashboardFile[]): Dashboards {
  const broken: InvalidInput[] = [];
  const found: { readonly file: string; readonly dashboard: Dashboard }[] = [];
  for (const each of files) {
    if ('failure' in each) {
      broken.push(new InvalidInput(each.file, [`it cannot be loaded: ${each.failure}`]));
      continue;
    }
    const written = each.exports.filter(isDashboard);
    if (!written.length)
      broken.push(
        new InvalidInput(each.file, [
          "it exports no dashboard: write 'export const … = defineDashboard({ … })'.",
        ]),
      );
    for (const one of written) {
      try {
        found.push({ file: each.file, dashboard: resolveDashboard(one) });
      } catch (error) {
        if (!(error instanceof InvalidInput)) throw error;
        broken.push(error);
      }
    }
  }
  const good = new Map<string, Dashboard>();
  for (const { file, dashboard } of found) {
    const twin = found.find(
      (other) => other.dashboard !== dashboard && other.dashboard.name === dashboard.name,
    );
    if (twin)
      broken.push(
        new InvalidInput(`Dashboard '${dashboard.name}' (${file})`, [
          `it is defined twice, here and in ${twin.file}; rename one.`,
        ]),
      );
    else good.set(dashboard.name, dashboard);
  }
  for (const { dashboard } of found) {
    const problems = openProblems(
      dashboard,
      found.map((each) => each.dashboard),
    );
    if (!problems.length) continue;
    broken.push(new InvalidInput(`Dashboard '${dashboard.name}'`, problems));
    good.delete(dashboard.name);
  }
  return Object.assign(good, { broken });
}

/** Ways to dashboards or filters that are not there, or whose values are others. */
function openProblems({ data, panels }: Dashboard, all: readonly Dashboard[]): string[] {
  return panels.flatMap((panel, at) => {
    if (!('opens' in panel)) return [];
    const { dashboard, filter } = panel.opens;
    const other = all.find(({ name }) => name === dashboard);
    const names = all.map(({ name }) => name);
    if (!other)
      return [`panels.${at}.opens.dashboard: there is no dashboard '${dashboard}'${hint(dashboard, names)}`];
    const filters = other.filters ?? [];
    if (!filters.includes(filter))
      return [`panels.${at}.opens.filter: '${dashboard}' has no filter '${filter}'${hint(filter, filters)}`];
    const by = leadsBy(panel);
    const own = data[panel.data]?.dimensions[by]?.by ?? 'nothing';
    const there =
      Object.values(other.data).find(({ dimensions }) => filter in dimensions)?.dimensions[filter]?.by ??
      'nothing';
    return own === there
      ? []
      : [
          `panels.${at}.opens.filter: '${by}' is cut to ${own} here and '${filter}' to ${there} in '${dashboard}': a value of the one is none of the other. Cut both alike, or call one otherwise.`,
        ];
  });
}

/** Pipelines with the dashboards that their runs publish. */
export function withDashboards<R extends Registry>(registry: R, dashboards: Dashboards): R {
  const known = new Map(
    [...registry].map(([name, pipeline]) => {
      const own = [...dashboards.values()].filter((each) => each.pipeline === name);
      return [name, own.length ? { ...pipeline, dashboards: own.map((each) => each.name).sort() } : pipeline];
    }),
  );
  return Object.assign(known, { broken: registry.broken }) as unknown as R;
}

function isDashboard(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'panels' in value;
}
