/** An IPv4 block as its first address and its size. */
interface Block {
  readonly start: number;
  readonly size: number;
}

const pattern = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

/** The block, or undefined when the text is no IPv4 CIDR that starts at its own network address. */
export function parseCidr(text: string): (Block & { readonly prefix: number }) | undefined {
  const parts = pattern.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = parts;
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const start = ((a * 256 + b) * 256 + c) * 256 + d;
  const size = 2 ** (32 - prefix);
  return start % size === 0 ? { start, size, prefix } : undefined;
}

export function overlap(left: string, right: string): boolean {
  const [a, b] = [parseCidr(left), parseCidr(right)];
  if (a === undefined || b === undefined) return false;
  return a.start < b.start + b.size && b.start < a.start + a.size;
}

/** The `index`-th of the sixteen equal parts of a block. */
export function sixteenth(cidr: string, index: number): string {
  const block = parseCidr(cidr);
  if (block === undefined) throw new Error(`${cidr} is no CIDR block`);
  const start = block.start + (block.size / 16) * index;
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256);
  return `${octets.join('.')}/${block.prefix + 4}`;
}
