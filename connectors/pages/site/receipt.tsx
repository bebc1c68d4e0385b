import type { GuardingCheck, Receipt, Withheld } from '../../../core/dashboards/publication.ts';
import { intervalText } from '../../../core/interval.ts';
import { counted, moment } from './words.ts';

const GLYPHS: Readonly<Record<GuardingCheck['outcome'], string>> = {
  passed: '✓',
  warned: '!',
  failed: '✗',
  'not run': '–',
};
const MOST_NAMED = 3;

/** Where a panel's numbers come from, folded away below it. */
export function ReceiptOf({ receipt }: { receipt: Receipt }) {
  const { interval, run, upTo, loads, checks, sql, hash } = receipt;
  const count = (outcome: GuardingCheck['outcome']) =>
    checks.filter((each) => each.outcome === outcome).length;
  const [passed, warned] = [count('passed'), count('warned')];
  const ran = checks.some(({ outcome }) => outcome !== 'not run');
  const rows = loads.reduce((sum, load) => sum + load.rows, 0);
  return (
    <details class="receipt">
      <summary>
        {passed > 0 ? (
          <span class="good">✓ {counted(passed, 'check')} passed</span>
        ) : ran ? (
          'no check passed'
        ) : (
          'no checks'
        )}
        {warned > 0 && <span class="warn"> · ! {counted(warned, 'warning')}</span>} · data up to{' '}
        {moment(upTo)}
        <span data-age={upTo}></span>
      </summary>
      <dl>
        <div>
          <dt>Interval</dt>
          <dd>{intervalText(interval).replace('/', ' to ')}</dd>
        </div>
        <div>
          <dt>Run</dt>
          <dd data-run={run}>{run}</dd>
        </div>
        <div>
          <dt>Loads</dt>
          <dd>
            {loads.length
              ? `${counted(loads.length, 'load')}, ${counted(rows, 'row')}`
              : 'none: taken from an earlier run'}
            {loads.length > 0 && (
              <ul>
                {loads.map((load) => (
                  <li>
                    {load.table}: {counted(load.rows, 'row')} <code>{load.loadId}</code>
                  </li>
                ))}
              </ul>
            )}
          </dd>
        </div>
        <div>
          <dt>Checks</dt>
          <dd>
            <ul>
              {checks.map(({ name, outcome }) => (
                <li class={outcome.replace(' ', '-')}>
                  <span aria-hidden="true">{GLYPHS[outcome]}</span> {name}
                  {outcome !== 'passed' && `: ${outcome}`}
                </li>
              ))}
            </ul>
          </dd>
        </div>
        <div>
          <dt>SQL</dt>
          <dd>
            <pre tabindex={0}>{sql}</pre>
          </dd>
        </div>
        <div>
          <dt>SHA-256</dt>
          <dd>
            <code>{hash}</code>
          </dd>
        </div>
      </dl>
    </details>
  );
}

/** Why newer numbers are not shown. */
export function WithheldNote({ withheld, shown }: { withheld: Withheld; shown: Receipt | null }) {
  const { checks, upTo, run } = withheld;
  const more = checks.length - MOST_NAMED;
  return (
    <div class="withheld-note">
      <p>
        <strong>Withheld.</strong> {checks.slice(0, MOST_NAMED).join(', ')}
        {more > 0 && ` and ${more} more`} failed on data up to {moment(upTo)}
        {' ('}
        <span data-run={run}>{run}</span>
        {').'}{' '}
        {shown
          ? `These are the last good numbers, of data up to ${moment(shown.upTo)}.`
          : 'There are no good numbers of before.'}
      </p>
    </div>
  );
}
