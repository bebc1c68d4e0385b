/** Parts of a list, each of so many at most. */
export function* chunked<T>(list: readonly T[], most: number): Iterable<T[]> {
  for (let at = 0; at < list.length; at += most) yield list.slice(at, at + most);
}
