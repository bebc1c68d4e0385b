import type { LoadCheck } from './check.ts';

/** So many rows, or more. */
export const minRows: LoadCheck<'minRows'> = ({ manifest: { rows } }, { rows: least }) =>
  Promise.resolve(
    rows >= least
      ? 'good'
      : {
          wrong: `the load has ${rows} rows, 'minRows' asks for ${least}. Look why the source has so few, or lower 'minRows'.`,
        },
  );
