/** Round numbers from nought or below to the greatest value: `[0, 500, 1000]`. */
export function ticks(least: number, greatest: number, about = 4): number[] {
  const low = Math.min(0, least);
  const high = Math.max(0, greatest);
  if (low === high) return [0, 1];
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
}

/** A value of `[from, to]` as a place of `[start, end]`. */
export function linear([from, to]: readonly [number, number], [start, end]: readonly [number, number]) {
  return (value: number) => round(start + ((value - from) / (to - from || 1)) * (end - start));
}

/** Of more points than there are places, the least and the greatest of each place. */
export function envelope(
  points: readonly (readonly [number, number])[],
  places: number,
): (readonly [number, number])[] {
  if (points.length <= places * 2) return [...points];
  const size = points.length / places;
  return Array.from({ length: places }, (_, place) => {
    const part = points.slice(Math.floor(place * size), Math.floor((place + 1) * size));
    const sorted = [...part].sort((a, b) => a[1] - b[1]);
    const ends = [sorted[0], sorted.at(-1)].filter((each) => each !== undefined);
    return ends.sort((a, b) => a[0] - b[0]);
  }).flat();
}

/** Two digits are finer than a screen. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
