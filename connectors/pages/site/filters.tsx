import { byRank } from '../../../core/dashboards/by-rank.ts';
import type { Publication } from '../../../core/dashboards/publication.ts';
import { labelOf, valueText } from './words.ts';

/** Values that are shown at once; the others are found by typing. */
export const MOST_SHOWN = 40;
const FEW = 12; // values that nobody needs to search

/** A dimension's values over all data that have it, in one order. */
export function valuesOf(
  { data, dashboard }: Pick<Publication, 'data' | 'dashboard'>,
  dimension: string,
): (string | null)[] {
  const sets = Object.values(data).flatMap(({ numbers }) => {
    const found = numbers?.dimensions[dimension];
    return found ? [found.values] : [];
  });
  if (sets.length < 2) return [...(sets[0] ?? [])]; // in that order already
  const order = Object.values(dashboard.data).flatMap(({ dimensions }) => dimensions[dimension]?.order ?? []);
  return [...new Set(sets.flat())].sort(byRank(order));
}

/** Hidden until the script is there: it is what filters. */
export function Filters({ publication }: { publication: Publication }) {
  const { filters = [], data } = publication.dashboard;
  return (
    <form class="filters" aria-label="Filters" hidden>
      {filters.map((filter) => {
        const definition = Object.values(data).find(({ dimensions }) => filter in dimensions)?.dimensions[
          filter
        ];
        const label = labelOf(filter, definition);
        const values = valuesOf(publication, filter);
        return (
          <details class="filter" data-of={filter}>
            <summary>
              {label}: <span class="chosen">all</span>
            </summary>
            <div class="choices">
              {values.length > FEW && (
                <input
                  type="search"
                  aria-label={`Search ${label}`}
                  placeholder={`Search ${values.length}`}
                  autocomplete="off"
                />
              )}
              <fieldset>
                <legend class="unseen">{label}</legend>
                <Choices filter={filter} values={values} chosen={[]} looked="" />
              </fieldset>
            </div>
          </details>
        );
      })}
      <button type="reset" hidden>
        Clear filters
      </button>
      <p class="unseen" role="status"></p>
    </form>
  );
}

/** What can be chosen, so far as it fits what was looked for; what is chosen always. */
export function Choices({
  filter,
  values,
  chosen,
  looked,
}: {
  filter: string;
  values: readonly (string | null)[];
  chosen: readonly (string | null)[];
  looked: string;
}) {
  const word = looked.toLowerCase();
  const found = values.filter(
    (value) => !chosen.includes(value) && valueText(value).toLowerCase().includes(word),
  );
  const shown = [...chosen, ...found.slice(0, MOST_SHOWN)];
  return (
    <>
      {shown.map((value) => (
        <label>
          <input
            type="checkbox"
            name={filter}
            value={JSON.stringify(value)}
            checked={chosen.includes(value)}
          />{' '}
          <bdi>{valueText(value)}</bdi>
        </label>
      ))}
      {found.length > MOST_SHOWN && <p class="quiet">{found.length - MOST_SHOWN} more: type to find them</p>}
      {!shown.length && <p class="quiet">Nothing of that name.</p>}
    </>
  );
}
