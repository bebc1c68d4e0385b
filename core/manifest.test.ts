import { describe, expect, it } from 'vitest';
import { fingerprint, parseManifest, type Manifest } from './manifest.ts';
import { loadPath } from './layout.ts';

const manifest: Manifest = {
  version: 1,
  loadId: 'l1',
  pipeline: 'shop',
  domain: 'sales',
  table: 'orders',
  interval: { start: '2018-08-01T00:00:00Z', end: '2018-08-02T00:00:00Z' },
  mode: 'interval',
  schema: { columns: [{ name: 'id', type: 'int64', nullable: false }] },
  files: [{ path: 'part-0.parquet', rows: 2, bytes: 100, sha256: 'a'.repeat(64) }],
  rows: 2,
  bytes: 100,
  highWaterMark: null,
  coercions: [],
  extractedAt: '2018-08-02T02:00:00.000001Z',
};

describe('a manifest', () => {
  it('survives being written and read', () => {
    expect(parseManifest(JSON.stringify(manifest), 'here')).toEqual(manifest);
  });

  it.each([
    ['{', 'it is not JSON'],
    [JSON.stringify({ ...manifest, rows: 3 }), 'its files hold 2 rows, it says 3'],
    [JSON.stringify({ ...manifest, files: [{ ...manifest.files[0], path: '../x' }] }), 'files.0.path'],
    [JSON.stringify({ ...manifest, version: 2 }), 'version'],
    [JSON.stringify({ ...manifest, mode: 'snapshot', highWaterMark: '7' }), 'its mark is a cursor'],
    [
      JSON.stringify({ ...manifest, highWaterMark: '0/1', cursor: { type: 'position' } }),
      'its mark is a position',
    ],
    [
      JSON.stringify({ ...manifest, highWaterMark: '7', cursor: { column: 'id', type: 'position' } }),
      'cursor',
    ],
  ])('is refused with its place when damaged', (text, message) => {
    expect(() => parseManifest(text, 'lake/x')).toThrow(message);
    expect(() => parseManifest(text, 'lake/x')).toThrow('lake/x');
  });

  it('of a version that did not say what its mark is a value of is read', () => {
    const before = { ...manifest, mode: 'incremental', highWaterMark: '7', since: null } as const;
    expect(parseManifest(JSON.stringify(before), 'here')).toEqual(before);
  });

  it('has the fingerprint of its content, not of its load', () => {
    expect(fingerprint({ ...manifest })).toBe(fingerprint({ ...manifest, files: [...manifest.files] }));
    const changed = {
      ...manifest,
      files: [{ path: 'part-0.parquet', rows: 2, bytes: 100, sha256: 'b'.repeat(64) }],
    };
    expect(fingerprint(changed)).not.toBe(fingerprint(manifest));
  });

  it('lies under the day on which its interval starts', () => {
    expect(
      loadPath({ pipeline: 'shop', table: 'orders', logicalDate: manifest.interval.start, loadId: 'l1' }),
    ).toBe('bronze/shop/orders/year=2018/month=08/day=01/load=l1');
  });
});
