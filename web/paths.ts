/** Addresses of the pages, in one place: what is in them is quoted. */
const quoted = encodeURIComponent;

export const paths = {
  overview: () => '/',
  pipeline: (name: string) => `/pipelines/${quoted(name)}`,
  run: (id: string) => `/runs/${quoted(id)}`,
  log: (id: string, step: string) => `/runs/${quoted(id)}/log?step=${quoted(step)}`,
  backfills: () => '/backfills',
  backfill: (id: string) => `/backfills/${quoted(id)}`,
  pools: () => '/pools',
  actions: () => '/actions',
} as const;
