const NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * The order in which values are shown: as `first` says, then numbers by size, then texts by their characters; null last. One order of all,
 * so that rows in any order give the same page.
 */
export function byRank(first: readonly string[]): (a: string | null, b: string | null) => number {
  const rank = (value: string | null) => {
    if (value === null) return Infinity;
    const at = first.indexOf(value);
    return at < 0 ? first.length : at;
  };
  return (a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return left === right ? byNature(a ?? '', b ?? '') : left - right;
  };
}

function byNature(a: string, b: string): number {
  const [left, right] = [NUMBER.test(a), NUMBER.test(b)];
  if (left !== right) return left ? -1 : 1;
  const size = left ? Number(a) - Number(b) : 0;
  return size === 0 ? byText(a, b) : size;
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
