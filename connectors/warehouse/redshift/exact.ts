import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';

const LONG = /("longValue"\s*:\s*)(-?\d{16,})/g;

/**
 * Makes a client read integers of 64 bits exactly. The service writes them digit for digit into JSON; parsed as a number they would
 * lose their last digits. So those that are long become text before the answer is parsed.
 */
export function readsLongsExactly(client: RedshiftDataClient): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      if (context.commandName !== 'GetStatementResultCommand') return result;
      const response = result.response as { body: AsyncIterable<Uint8Array> | Uint8Array };
      const parts: Uint8Array[] = [];
      if (response.body instanceof Uint8Array) parts.push(response.body);
      else for await (const part of response.body) parts.push(part);
      const text = Buffer.concat(parts).toString('utf8');
      response.body = Buffer.from(text.replace(LONG, '"stringValue":"$2"'), 'utf8');
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'readsLongsExactly', override: true },
  );
}
