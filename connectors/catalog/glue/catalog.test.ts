import { rm, mkdir, writeFile } from 'node:fs/promises';
import {
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteTableCommand,
  GetTableCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalError, TransientError } from '../../../core/errors.ts';
import { catalogConforms } from '../conformance/suite.ts';
import type { CatalogTable } from '../port.ts';
import { missingForCatalog, startGlueCatalog, type GlueCatalogHarness } from './catalog.fixture.ts';

const missing = missingForCatalog();
if (missing)
  describe.skip(`the catalog of Glue NOT TESTED: ${missing}`, () => it('conforms', () => undefined));
else {
  catalogConforms('Glue', () => startGlueCatalog('dev_'));
  describe('the catalog of Glue', () => onGlue());
}

function onGlue(): void {
  let harness: GlueCatalogHarness;
  beforeAll(async () => (harness = await startGlueCatalog()));
  afterAll(() => harness.end());

  let tables = 0;
  /** A table of its own with files in the lake, by partition. */
  const aTable = async (
    years: readonly number[],
    fields: Partial<CatalogTable> = {},
  ): Promise<CatalogTable> => {
    const table = fields.table ?? `orders_${(tables += 1)}`;
    const schema = fields.schema ?? 'shop_silver';
    const folderUri = `${harness.lakeUri}/silver/${schema}/${table}`;
    const fileUris = years.map((year) => `${folderUri}/data-1/year=${year}/part-0.parquet`);
    for (const uri of fileUris) await put(uri);
    const columns = [
      { name: 'id', type: 'int' },
      { name: 'year', type: 'int' },
    ];
    return { schema, table, columns, partitionedBy: ['year'], folderUri, fileUris, ...fields };
  };
  const put = async (uri: string) => {
    await mkdir(harness.local(uri.slice(0, uri.lastIndexOf('/'))), { recursive: true });
    await writeFile(harness.local(uri), 'PAR1');
  };
  const point = (...all: CatalogTable[]) => harness.catalog.point(all, new AbortController().signal);
  const made = async ({ schema, table }: CatalogTable) =>
    (await harness.glue.send(new GetTableCommand({ DatabaseName: schema, Name: table }))).Table;
  const calls = async (work: () => Promise<unknown>) => {
    const before = await harness.calls();
    await work();
    const after = Object.entries(await harness.calls());
    return Object.fromEntries(
      after.map(([name, n]) => [name, n - (before[name] ?? 0)]).filter(([, n]) => n !== 0),
    ) as Record<string, number>;
  };

  it('writes nothing where it says already what is asked; else reads in pages and changes in batches', async () => {
    const table = await aTable(Array.from({ length: 130 }, (_, year) => year));
    expect(await calls(() => point(table))).toMatchObject({ CreateTable: 1, BatchCreatePartition: 2 });
    expect(await calls(() => point(table))).toEqual({ GetDatabase: 1, GetTable: 1, GetPartitions: 2 });
    const half = { ...table, fileUris: table.fileUris.slice(0, 60) };
    expect(await calls(() => point(half))).toMatchObject({ UpdateTable: 1, BatchDeletePartition: 3 });
  });

  it('leaves alone a database, or a table, that others have made', async () => {
    const DatabaseInput = { Name: 'their_silver' };
    await harness.glue.send(new CreateDatabaseCommand({ DatabaseInput }));
    const inTheirs = await aTable([1], { schema: 'their_silver' });
    await expect(point(inTheirs)).rejects.toThrow(
      /Database their_silver of the Glue catalog was made by others: it has no parameter managed_by=sluice\. Set another 'prefix'/,
    );
    await point(await aTable([1]));
    const ours = await aTable([1]);
    const TableInput = { Name: ours.table, Parameters: { by: 'hand' } };
    await harness.glue.send(new CreateTableCommand({ DatabaseName: ours.schema, TableInput }));
    const beside = await aTable([1]);
    await expect(point(beside, ours)).rejects.toThrow(
      new RegExp(`Table shop_silver\\.${ours.table} of the Glue catalog was made by others`),
    );
    expect((await made(ours))?.Parameters).toEqual({ by: 'hand' });
    await expect(made(beside)).rejects.toThrow(/not found|does not exist/i);
  });

  it('points at no folder that does not hold what was published', async () => {
    const table = await aTable([1, 2]);
    const [one = '', two = ''] = table.fileUris;
    await rm(harness.local(one));
    await expect(point(table)).rejects.toThrow(/year=1\/ is no file\. Readers of the Glue catalog would get/);
    await put(one);
    await put(two.replace('part-0', 'part-1'));
    await expect(point(table)).rejects.toThrow(/year=2\/ lies part-1\.parquet, which was not published/);
    await rm(harness.local(two.replace('part-0', 'part-1')));
    const wider = { ...table, fileUris: [...table.fileUris, two.replace('part-0', 'part-9')] };
    await expect(point(wider)).rejects.toThrow(/1 of its 2 files are missing, as part-9\.parquet/);
    await expect(made(table)).rejects.toThrow(/not found|does not exist/i);
    await point(table);
  });

  it('refuses what no column of the catalog can be, naming each', async () => {
    const columns = [
      { name: 'sum', type: 'decimal(40,2)' },
      { name: 'year', type: 'double' },
    ];
    const refused = point(await aTable([1], { columns }));
    await expect(refused).rejects.toThrow(
      /2 problems:\n {2}- 'sum' is a decimal\(40,2\): .* at most 38 digits/,
    );
    await expect(refused).rejects.toThrow(/'year' is a double, and names folders/);
    const times = await aTable([1], {
      columns: [
        { name: 'at', type: 'timestamp_ntz' },
        { name: 'year', type: 'int' },
      ],
    });
    await point(times);
    expect((await made(times))?.StorageDescriptor?.Columns).toEqual([{ Name: 'at', Type: 'timestamp' }]);
  });

  it('says so, and is to be tried again, where somebody has changed the table since it was read', async () => {
    const table = await aTable([1, 2]);
    await point(table);
    const next = { ...table, fileUris: table.fileUris.slice(0, 1) };
    const { StorageDescriptor, PartitionKeys, Parameters } = (await made(table)) ?? {};
    const TableInput = { Name: table.table, StorageDescriptor, PartitionKeys, Parameters };
    const byHand = () =>
      harness.glue.send(new UpdateTableCommand({ DatabaseName: table.schema, TableInput }));
    harness.meanwhile('UpdateTable', byHand);
    const stale = point(next);
    await expect(stale).rejects.toThrow(TransientError);
    await expect(stale).rejects.toThrow(/Somebody has changed shop_silver\.orders_\d+ in the Glue catalog/);
    await point(next);

    harness.meanwhile('BatchCreatePartition', byHand);
    await expect(point(table)).rejects.toThrow(/Somebody has changed/);
    await point(next);
    harness.meanwhile('BatchCreatePartition', async () => {
      await harness.glue.send(new DeleteTableCommand({ DatabaseName: table.schema, Name: table.table }));
      await point({ ...table, fileUris: table.fileUris.slice(1) });
    });
    await expect(point(table)).rejects.toThrow(/Somebody has changed/);
    await point(table);
    expect(await calls(() => point(table))).not.toHaveProperty('UpdateTable');
  });

  it('says which permission is missing, and for what', async () => {
    const table = await aTable([1]);
    const message = 'User: worker is not authorized to perform: glue:CreateTable';
    harness.proxy.strike({
      where: ({ headers }) => String(headers['x-amz-target']).endsWith('.CreateTable'),
      fault: { status: 400, body: JSON.stringify({ __type: 'AccessDeniedException', message }) },
    });
    const denied = point(table);
    await expect(denied).rejects.toThrow(TerminalError);
    await expect(denied).rejects.toThrow(
      /^Pointing shop_silver\.orders_\d+ of the Glue catalog at its files: .*glue:CreateTable\. Give the role of this process the permission/,
    );
    await point(table);
  });
}
