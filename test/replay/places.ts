const HOME = '/var/lib/sluice';

/** A history as JSON without the names of the machine and the folders it was recorded on, in payloads too. */
export function withoutPlaces(json: string, home: string): string {
  return JSON.stringify(clean(JSON.parse(json), home));
}

function clean(value: unknown, home: string): unknown {
  if (Array.isArray(value)) return value.map((each) => clean(each, home));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]) => {
    if (key === 'identity') return [key, 'worker'];
    if (key === 'stackTrace') return [key, ''];
    if (key === 'data' && typeof entry === 'string' && 'metadata' in value) {
      const text = Buffer.from(entry, 'base64').toString('utf8');
      return [key, Buffer.from(plain(text, home)).toString('base64')];
    }
    return [key, typeof entry === 'string' ? plain(entry, home) : clean(entry, home)];
  });
  return Object.fromEntries(entries);
}

/** Queues of one worker are called by its process and host. */
function plain(text: string, home: string): string {
  return text.replaceAll(home, HOME).replaceAll(/\d+@[\w.-]+/g, 'worker');
}
