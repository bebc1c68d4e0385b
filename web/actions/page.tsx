import type { ActionRecord } from '../../connectors/ledger/port.ts';
import { CommandLine, Text, Wide } from '../marks.tsx';
import { relative, minute } from '../words.ts';

/** What people have done, newest first. */
export function ActionsPage({ actions, now }: { actions: readonly ActionRecord[]; now: Date }) {
  return (
    <>
      <h1>Actions</h1>
      <section aria-label="What people have done">
        {actions.length ? (
          <Wide label="Actions">
            <table class="lines">
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">Who</th>
                  <th scope="col">Did</th>
                  <th scope="col">What</th>
                  <th scope="col">Why</th>
                </tr>
              </thead>
              <tbody>
                {actions.map(({ at, actor, action, subject, reason }) => (
                  <tr>
                    <td>
                      <time datetime={at} title={minute(at)}>
                        {relative(at, now)}
                      </time>
                    </td>
                    <td>
                      <Text>{actor}</Text>
                    </td>
                    <td>{action}</td>
                    <td>
                      <Text>{subject}</Text>
                    </td>
                    <td class="note">
                      <Text>{reason ?? ''}</Text>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        ) : (
          <p class="quiet">Nobody has done anything yet.</p>
        )}
        <p class="quiet">
          The newest 200. <CommandLine>sluice actions --limit N</CommandLine> shows more.
        </p>
      </section>
    </>
  );
}
