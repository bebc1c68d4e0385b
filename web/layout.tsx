import type { Child } from 'hono/jsx';
import { paths } from './paths.ts';

/** What every page knows of where it stands. */
export interface Place {
  /** Addresses of the style sheet and the script; they change with their contents. */
  readonly assets: { readonly style: string; readonly script: string };
  /** The page that is shown, as the navigation names it. */
  readonly section: 'Pipelines' | 'Dashboards' | 'Backfills' | 'Notices' | 'Pools' | 'Actions' | null;
  /** Temporal's Web UI; undefined where the profile names none. */
  readonly temporalUi: string | undefined;
  /** Who acts, as it is written down. */
  readonly actor: string;
}

const SECTIONS = [
  ['Pipelines', paths.overview()],
  ['Dashboards', paths.dashboards()],
  ['Backfills', paths.backfills()],
  ['Notices', paths.notices()],
  ['Pools', paths.pools()],
  ['Actions', paths.actions()],
] as const;

/** A whole page. `live`: its main part is fetched again whenever something has changed. */
export function Page({
  title,
  place,
  live = true,
  children,
}: {
  title: string;
  place: Place;
  live?: boolean;
  children: Child;
}) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title} · Sluice</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href={place.assets.style} />
        <script src={place.assets.script} defer></script>
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the contents
        </a>
        <header class="top">
          <a class="brand" href="/">
            <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
              <path d="M3 4v16M21 4v16M7 5h10v7H7z" />
              <path class="water" d="M5 16q2.3-2 4.7 0t4.7 0 4.6 0M5 20q2.3-2 4.7 0t4.7 0 4.6 0" />
            </svg>
            Sluice
          </a>
          <nav aria-label="Pages">
            {SECTIONS.map(([name, href]) => (
              <a href={href} aria-current={name === place.section ? 'page' : undefined}>
                {name}
              </a>
            ))}
            {place.temporalUi !== undefined && (
              <a class="out" href={place.temporalUi} rel="noreferrer">
                Temporal<span aria-hidden="true"> ↗</span>
              </a>
            )}
          </nav>
        </header>
        <p id="link" role="status"></p>
        <main id="main" tabindex={-1} data-live={live ? 'yes' : undefined}>
          {children}
        </main>
        <footer>
          <p>
            All times are UTC. Signed in as <bdi>{place.actor}</bdi>.
          </p>
        </footer>
      </body>
    </html>
  );
}
