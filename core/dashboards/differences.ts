import type { Dataset } from './dataset.ts';

const MOST = 5; // that are told; a mart that has moved on differs everywhere

/** Where two sets of the same data differ, in words: `segment Champion: customers is 12, and 13 by SQL`. */
export function differences(shown: Dataset, found: Dataset): string[] {
  const [before, now] = [cells(shown), cells(found)];
  const counted = Object.entries(found.keys ?? {}).flatMap(([name, keys]) =>
    JSON.stringify(keys) === JSON.stringify(shown.keys?.[name]) ? [] : [`${name} counts others by SQL`],
  );
  const said = [...new Set([...before.keys(), ...now.keys()])].flatMap((key) => {
    const [page, sql] = [before.get(key), now.get(key)];
    return page === sql ? [] : [`${key} is ${page ?? 'not there'}, and ${sql ?? 'not there'} by SQL`];
  });
  said.push(...counted);
  return said.length > MOST ? [...said.slice(0, MOST), `and ${said.length - MOST} more`] : said;
}

/** Every number, by what it is of. */
function cells({ rows, dimensions, sums, keys = {} }: Dataset): Map<string, string> {
  const all = new Map<string, { units: number; scale: number }>();
  for (let row = 0; row < rows; row += 1) {
    const key = Object.entries(dimensions)
      .map(([name, { values, codes }]) => `${name} ${JSON.stringify(values[codes[row] ?? 0] ?? null)}`)
      .join(', ');
    const add = (name: string, units: number, scale: number) => {
      const cell = `${key || 'all'}: ${name}`;
      all.set(cell, { units: (all.get(cell)?.units ?? 0) + units, scale });
    };
    for (const [name, { scale, values }] of Object.entries(sums)) add(name, values[row] ?? 0, scale);
    for (const [name, counted] of Object.entries(keys)) add(name, counted[row] === null ? 0 : 1, 0);
  }
  return new Map([...all].map(([name, { units, scale }]) => [name, plain(units, scale)]));
}

/** `1.50` and `1.5` are one number. */
function plain(units: number, scale: number): string {
  const digits = String(Math.abs(units)).padStart(scale + 1, '0');
  const cut = digits.length - scale;
  const rest = digits.slice(cut).replace(/0+$/, '');
  return `${units < 0 ? '-' : ''}${digits.slice(0, cut)}${rest && `.${rest}`}`;
}
