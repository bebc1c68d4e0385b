const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
};

/** What a published file is, to a browser. */
export function contentTypeOf(path: string): string {
  return TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
}

/** Whether a published file is called after its contents, and stays as it is. */
export function isImmutable(path: string): boolean {
  return /^assets\/|\/\d{4}-\d{2}-\d{2}T\d{6}Z\/[0-9a-f]+\//.test(path);
}
