const MASK = '***';
const LEAST_LINE = 8; // characters of a secret's line that are worth masking by themselves

/**
 * What takes secrets out of a text: as they are, line by line where they have several, and in the forms that addresses, forms,
 * JSON and SQL give them.
 */
export function masker(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].filter(Boolean).sort((a, b) => b.length - a.length); // one secret may hold another
  return (text) => forms.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

/** A JSON value with every string in it changed, keys included. */
export function inStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => inStrings(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [change(key), inStrings(each, change)]),
  );
}

function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/);
  const parts = lines.length > 1 ? [secret, ...lines.filter((line) => line.length >= LEAST_LINE)] : [secret];
  return parts.flatMap((part) => {
    const percented = percent(part);
    const encoded = [
      percented,
      strict(percented),
      percented.replaceAll('%2F', '/'),
      strict(percented).replaceAll('%2F', '/'),
      inForm(part),
      inAddress(part),
    ];
    return [
      part,
      ...encoded,
      ...encoded.map((form) => form.replaceAll(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase())),
      JSON.stringify(part).slice(1, -1),
      part.replaceAll("'", "''"),
      ...(part.length < LEAST_LINE ? [] : inBase64(part)),
    ];
  });
}

/** Within whatever text is encoded: what is the same wherever in it the secret begins. */
function inBase64(text: string): string[] {
  const bytes = [...new TextEncoder().encode(text)];
  const plain = [0, 1, 2].map((before) => {
    const all = btoa(String.fromCharCode(...Array<number>(before).fill(0), ...bytes));
    const whole = Math.floor((before + bytes.length) / 3) * 4; // what a byte behind it would change is left out
    return all.slice(before ? 4 : 0, whole);
  });
  return plain.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

/** Half a surrogate pair has no encoding. */
function percent(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

/** RFC 3986 reserves these too; JavaScript leaves them as they are. */
function strict(encoded: string): string {
  return encoded.replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function inForm(text: string): string {
  return new URLSearchParams({ v: text }).toString().slice(2);
}

/** As `URL` writes it between `user:` and `@host`. */
function inAddress(text: string): string {
  const address = new URL('postgres://user@host');
  address.password = text;
  return address.password;
}
