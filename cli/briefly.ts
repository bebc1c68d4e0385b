/** The first line; where that only announces what follows, the first of that as well. */
export function briefly(error: string): string {
  const [first = '', second = ''] = error.split('\n');
  return first.endsWith(':') ? `${first} ${second.trim()}` : first;
}
