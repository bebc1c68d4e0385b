import { chosenHref, type Looking } from './shown.ts';
import { valueText } from '../words.ts';

/** The name of a value; a link where it leads to another dashboard, or filters this one. */
export function Value({
  value,
  by,
  looking: { filters, root },
  opens,
}: {
  value: string | null;
  by: string;
  looking: Looking;
  opens?: { readonly dashboard: string; readonly filter: string } | undefined;
}) {
  const text = <bdi>{valueText(value)}</bdi>;
  if (opens)
    return <a href={chosenHref(`${root}${opens.dashboard}/index.html`, opens.filter, value)}>{text}</a>;
  if (!filters.includes(by)) return text;
  return (
    <a class="choice" href={chosenHref('', by, value)} data-filter={by} data-value={JSON.stringify(value)}>
      {text}
    </a>
  );
}
