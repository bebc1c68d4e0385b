import { z } from 'zod';
import type { Answers } from '../services/json-service.ts';
import { ServiceError } from '../services/service-error.ts';

// Glue's Data Catalog, kept by moto. What moto takes and Glue refuses is refused here; what moto gives at once comes in pages.

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html, and the pages of the batches. */
const PAGE_MAX = 1_000;
const CREATE_MAX = 100;
const UPDATE_MAX = 100;
const DELETE_MAX = 25;
/** What a page has at most, whatever is asked for: Glue gives as many as it likes. */
const PAGE = 100;

/** Hive's types of columns, without those of parts. */
const TYPE =
  /^(string|boolean|tinyint|smallint|int|bigint|float|double|date|timestamp|binary|decimal\((\d+),(\d+)\))$/;
const DECIMAL_MAX = 38; // digits

const column = z.looseObject({ Name: z.string(), Type: z.string() });
const tableInput = z.looseObject({
  Name: z.string(),
  PartitionKeys: z.array(column).default([]),
  StorageDescriptor: z.looseObject({ Columns: z.array(column).default([]) }).optional(),
});
const table = z.looseObject({ DatabaseName: z.string() });
const ofTable = table.extend({ TableName: z.string() });
const partitionInput = z.looseObject({ Values: z.array(z.string()) });

/** The operations of the catalog that the product calls, and those that its tests do. */
export function catalogAnswers(moto: string): Answers {
  const ask = (operation: string, input: unknown) => asked(moto, operation, input);
  const pass = (operation: string) => ({
    [`AWSGlue.${operation}`]: (input: unknown) => ask(operation, input),
  });
  const keysOf = async (DatabaseName: string, Name: string): Promise<number> => {
    const answer = (await ask('GetTable', { DatabaseName, Name })) as { Table: z.infer<typeof tableInput> };
    return answer.Table.PartitionKeys.length;
  };
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: what was looked at is so until the change is made. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    ...pass('CreateDatabase'),
    ...pass('GetDatabase'),
    ...pass('GetTable'),
    ...pass('DeleteTable'),
    'AWSGlue.CreateTable': (input) => {
      mustBeTypes(table.extend({ TableInput: tableInput }).parse(input).TableInput);
      return ask('CreateTable', input);
    },
    'AWSGlue.UpdateTable': (input) => {
      const { VersionId, DatabaseName, TableInput } = table
        .extend({ TableInput: tableInput, VersionId: z.string().optional() })
        .parse(input);
      mustBeTypes(TableInput);
      return alone(async () => {
        const { Table } = (await ask('GetTable', { DatabaseName, Name: TableInput.Name })) as {
          Table: { VersionId: string };
        };
        if (VersionId !== undefined && VersionId !== Table.VersionId)
          throw new ServiceError(
            'ConcurrentModificationException',
            `Update table failed due to concurrent modifications: version ${Table.VersionId} is not ${VersionId}`,
          );
        return ask('UpdateTable', input);
      });
    },
    'AWSGlue.GetPartitions': async (input) => {
      const { NextToken, MaxResults } = ofTable
        .extend({
          NextToken: z.string().regex(/^\d+$/).default('0'),
          MaxResults: z.int().min(1).max(PAGE_MAX).default(PAGE_MAX),
        })
        .parse(input);
      const { Partitions } = (await ask('GetPartitions', input)) as { Partitions: unknown[] };
      const from = Number(NextToken);
      const to = from + Math.min(MaxResults, PAGE);
      return {
        Partitions: Partitions.slice(from, to),
        ...(to < Partitions.length ? { NextToken: String(to) } : {}),
      };
    },
    'AWSGlue.BatchCreatePartition': async (input) => {
      const { DatabaseName, TableName, PartitionInputList } = ofTable
        .extend({ PartitionInputList: z.array(partitionInput).max(CREATE_MAX) })
        .parse(input);
      const values = PartitionInputList.map(({ Values }) => Values);
      mustFit(values, await keysOf(DatabaseName, TableName));
      return ask('BatchCreatePartition', input);
    },
    'AWSGlue.BatchUpdatePartition': async (input) => {
      const entry = z.looseObject({
        PartitionValueList: z.array(z.string()),
        PartitionInput: partitionInput,
      });
      const { DatabaseName, TableName, Entries } = ofTable
        .extend({ Entries: z.array(entry).min(1).max(UPDATE_MAX) })
        .parse(input);
      const values = Entries.flatMap((each) => [each.PartitionValueList, each.PartitionInput.Values]);
      mustFit(values, await keysOf(DatabaseName, TableName));
      return ask('BatchUpdatePartition', input);
    },
    'AWSGlue.BatchDeletePartition': (input) => {
      ofTable.extend({ PartitionsToDelete: z.array(partitionInput).max(DELETE_MAX) }).parse(input);
      return ask('BatchDeletePartition', input);
    },
  };
}

function mustBeTypes({ Name, PartitionKeys, StorageDescriptor }: z.infer<typeof tableInput>): void {
  const columns = [...(StorageDescriptor?.Columns ?? []), ...PartitionKeys];
  const strange = columns.find(({ Type }) => {
    const [, , digits] = TYPE.exec(Type) ?? [undefined];
    return !TYPE.test(Type) || Number(digits ?? 0) > DECIMAL_MAX;
  });
  if (!strange) return;
  throw new ServiceError(
    'InvalidInputException',
    `Error: type expected at the position 0 of '${strange.Type}' but '${strange.Type}' is found (column ${strange.Name} of ${Name})`,
  );
}

function mustFit(values: readonly (readonly string[])[], keys: number): void {
  if (values.every(({ length }) => length === keys)) return;
  throw new ServiceError(
    'InvalidInputException',
    'The number of partition keys do not match the number of partition values',
  );
}

async function asked(moto: string, operation: string, input: unknown): Promise<unknown> {
  const answer = await fetch(moto, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSGlue.${operation}`,
      // It tells services apart by what a request is signed for.
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/glue/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  });
  const body = (await answer.json()) as { __type?: string; message?: string; Message?: string };
  if (answer.ok) return body;
  throw new ServiceError(
    body.__type ?? 'InternalServiceException',
    body.message ?? body.Message ?? '',
    answer.status,
  );
}
