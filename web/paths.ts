/** Addresses of the pages, in one place: what is in them is quoted. */
const quoted = encodeURIComponent;

export const paths = {
  overview: () => '/',
  pipeline: (name: string) => `/pipelines/${quoted(name)}`,
  /** A page of its grid. */
  grid: (
    name: string,
    { before, expanded }: { readonly before?: string | undefined; readonly expanded?: string | undefined },
  ) => {
    const asked = [
      ...(before === undefined ? [] : [`before=${quoted(before)}`]),
      ...(expanded === undefined ? [] : [`expand=${quoted(expanded)}`]),
    ];
    return `/pipelines/${quoted(name)}${asked.length ? `?${asked.join('&')}` : ''}`;
  },
  /** Of a pipeline; around one of its nodes or columns, as `sluice lineage` names them. */
  lineage: (name: string, of?: string) =>
    `/pipelines/${quoted(name)}/lineage${of === undefined ? '' : `?of=${quoted(of)}`}`,
  run: (id: string) => `/runs/${quoted(id)}`,
  log: (id: string, step: string) => `/runs/${quoted(id)}/log?step=${quoted(step)}`,
  backfills: () => '/backfills',
  backfill: (id: string) => `/backfills/${quoted(id)}`,
  dashboards: () => '/dashboards',
  dashboard: (name: string) => `/dashboards/${quoted(name)}/index.html`,
  /** A publication as it was. */
  published: (path: string) => `/dashboards/${path.split('/').map(quoted).join('/')}/index.html`,
  notices: () => '/notices',
  pools: () => '/pools',
  actions: () => '/actions',
} as const;
