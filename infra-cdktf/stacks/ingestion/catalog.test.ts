import { describe, expect, it } from 'vitest';
import { targets } from './catalog.ts';

describe('what a crawler looks at', () => {
  it('is every file of the layer where no table is one of Delta', () => {
    expect(targets('s3://gold/gold/', [])).toEqual({ s3Target: [{ path: 's3://gold/gold/' }] });
  });

  it('is a table of Delta by its log, never by its files, which are of every version', () => {
    expect(targets('s3://gold/gold/', ['retail_sales/top_selling_products'])).toEqual({
      s3Target: [{ path: 's3://gold/gold/', exclusions: ['retail_sales/top_selling_products/**'] }],
      deltaTarget: [
        {
          deltaTables: ['s3://gold/gold/retail_sales/top_selling_products/'],
          createNativeDeltaTable: true,
          writeManifest: false,
        },
      ],
    });
  });
});
