import type { MeasureDefinition } from '../../../../core/dashboards/definition.ts';
import type { Group } from '../../../../core/dashboards/groups.ts';
import type { DataPanel } from '../../../../core/dashboards/resolve.ts';
import { amountText, counted } from '../words.ts';
import type { Looking } from './shown.ts';
import { Value } from './value.tsx';

const valueOf = ({ amounts: [amount] }: Group) => amount?.value ?? 0;

/** The greatest, or the least, each with a bar. */
export function Ranking({
  panel: { title, by: dimension, top = 10, from = 'greatest', opens },
  by,
  measure,
  groups,
  looking,
}: {
  panel: Extract<DataPanel, { readonly kind: 'ranking' }>;
  by: string;
  measure: MeasureDefinition;
  groups: readonly Group[];
  looking: Looking;
}) {
  const sorted = groups
    .filter(({ amounts: [amount] }) => amount)
    .sort((a, b) => (from === 'greatest' ? valueOf(b) - valueOf(a) : valueOf(a) - valueOf(b)));
  const shown = sorted.slice(0, top);
  const greatest = Math.max(0, ...shown.map(valueOf));
  return (
    <>
      <table class="ranking">
        <thead class="unseen">
          <tr>
            <th scope="col">{by}</th>
            <td></td>
            <th scope="col">{title}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((group) => (
            <tr>
              <th scope="row">
                <Value value={group.key[0] ?? null} by={dimension} looking={looking} opens={opens} />
              </th>
              <td class="bar" aria-hidden="true">
                <svg viewBox="0 0 100 10" preserveAspectRatio="none">
                  <rect
                    class="column"
                    width={
                      greatest > 0
                        ? Math.max(0.6, (Math.max(0, valueOf(group)) / greatest) * 100).toFixed(2)
                        : 0.6
                    }
                    height="10"
                  />
                </svg>
              </td>
              <td class="n">{amountText(measure, group.amounts[0] ?? null)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > top && <p class="quiet">{counted(sorted.length - top, 'other')}</p>}
    </>
  );
}
