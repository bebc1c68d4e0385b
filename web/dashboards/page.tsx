import { z } from 'zod';
import type { Pages } from '../../connectors/pages/port.ts';
import { CommandLine, Text } from '../marks.tsx';
import { paths } from '../paths.ts';
import { minute } from '../words.ts';

const front = z.record(
  z.string(),
  z.object({ title: z.string(), description: z.string(), pipeline: z.string(), upTo: z.string() }),
);
export type Front = z.infer<typeof front>;

/** What was published, by name. */
export async function readFront(pages: Pages | undefined): Promise<Front> {
  const bytes = await pages?.file('dashboards.json');
  return bytes ? front.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))) : {};
}

/** Every dashboard that was published. */
export function DashboardsPage({ lines }: { lines: Front }) {
  const all = Object.entries(lines);
  return (
    <>
      <h1>Dashboards</h1>
      {all.length === 0 && (
        <p class="quiet">
          None is published yet. A run publishes those of its pipeline:{' '}
          <CommandLine>sluice run olist</CommandLine>
        </p>
      )}
      <ul class="needs">
        {all.map(([name, { title, description, pipeline, upTo }]) => (
          <li>
            <div>
              <a href={paths.dashboard(name)}>
                <Text>{title}</Text>
              </a>
              <span class="under">
                <Text>{description}</Text>
              </span>
              <span class="under quiet">
                <a href={paths.pipeline(pipeline)}>{pipeline}</a>, data up to {minute(upTo)}
              </span>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
