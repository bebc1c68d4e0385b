const NUMBER = /^-?\d+(\.\d+)?$/;

/** Numbers by size, then texts by their characters: one order of all, so that rows in any order give the same page. */
export function byNature(a: string, b: string): number {
  const [left, right] = [NUMBER.test(a), NUMBER.test(b)];
  if (left !== right) return left ? -1 : 1;
  const size = left ? Number(a) - Number(b) : 0;
  return size === 0 ? byText(a, b) : size;
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
