import { moment } from './words.ts';

export interface FrontLine {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly pipeline: string;
  readonly upTo: string;
}

/** All dashboards, by pipeline. */
export function FrontPage({ lines, style }: { lines: readonly FrontLine[]; style: string }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Dashboards</title>
        <link rel="stylesheet" href={style} />
      </head>
      <body>
        <header class="top">
          <h1>Dashboards</h1>
        </header>
        <main id="main">
          <ul class="front">
            {lines.map(({ name, title, description, pipeline, upTo }) => (
              <li class="panel half">
                <h2>
                  <a href={`${name}/index.html`}>{title}</a>
                </h2>
                <p>{description}</p>
                <p class="quiet">
                  {pipeline}, data up to {moment(upTo)}
                </p>
              </li>
            ))}
          </ul>
        </main>
      </body>
    </html>
  );
}
