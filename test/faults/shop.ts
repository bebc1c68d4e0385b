import type { Client } from 'pg';
import { definePipeline } from '../../core/pipeline.ts';
import { resolveAll } from '../../core/registry.ts';

/** A pipeline with a table of every way to extract and to write, in which a row that is lost or doubled shows. */
export const shop = definePipeline({
  name: 'shop',
  description: 'What the fault tests break',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  defaults: { write: 'merge' },
  tables: {
    orders: {
      domain: 'sales',
      from: 'shop.orders',
      extract: { mode: 'interval', cursor: 'ordered_at' },
      primaryKey: ['order_id'],
    },
    clicks: {
      domain: 'web',
      from: 'shop.clicks',
      extract: { mode: 'interval', cursor: 'clicked_at' },
      write: 'append',
    },
    visits: {
      domain: 'web',
      from: 'shop.visits',
      extract: { mode: 'incremental', cursor: 'visit_id' },
      write: 'append',
    },
    prices: { domain: 'catalog', from: 'shop.prices', extract: { mode: 'snapshot' } },
    /** A view that waits, in the middle of its rows, for whoever holds the gate. */
    parcels: {
      domain: 'sales',
      from: 'shop.parcels_gated',
      extract: { mode: 'snapshot' },
    },
    /** Large enough for a load to be caught at work. */
    readings: {
      domain: 'web',
      from: 'shop.readings',
      extract: { mode: 'snapshot' },
      primaryKey: ['reading_id'],
    },
  },
});

/** The orders alone, over a connection that is broken in one way. */
const over = (connection: string) =>
  definePipeline({
    name: `shop_${connection}`,
    description: `The shop over connection '${connection}'`,
    schedule: { cron: '0 0 * * *', timezone: 'UTC' },
    start: '2024-03-01',
    source: connection,
    attempts: 1,
    retryFor: '0 seconds',
    tables: {
      orders: {
        domain: `sales_${connection}`,
        from: 'shop.orders',
        extract: { mode: 'interval', cursor: 'ordered_at' },
        primaryKey: ['order_id'],
      },
      prices: { domain: `catalog_${connection}`, from: 'shop.prices', extract: { mode: 'snapshot' } },
    },
  });

/** The orders, then the models of the lab's own dbt project. */
const modelled = definePipeline({
  name: 'shop_modelled',
  description: 'Orders and their models',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  attempts: 2,
  tables: {
    orders: {
      domain: 'modelled',
      from: 'shop.orders',
      extract: { mode: 'interval', cursor: 'ordered_at' },
      primaryKey: ['order_id'],
    },
  },
  transform: { dbt: { select: 'tag:lab' } },
});

/** The orders of every ten minutes: many intervals in a short time. */
const often = definePipeline({
  name: 'shop_often',
  description: 'Orders of every ten minutes',
  schedule: { every: '10 minutes' },
  start: '2022-01-01',
  source: 'shop',
  tables: {
    orders: {
      domain: 'often',
      from: 'shop.orders',
      extract: { mode: 'interval', cursor: 'ordered_at' },
      primaryKey: ['order_id'],
    },
  },
});

/** The prices, which must not grow old. */
const watched = definePipeline({
  name: 'shop_watched',
  description: 'Prices that must not grow old',
  schedule: { every: '1 hour' },
  start: '2024-03-01',
  source: 'shop',
  tables: { prices: { domain: 'watched', from: 'shop.prices', extract: { mode: 'snapshot' } } },
  freshness: { warnAfter: '2 hours', errorAfter: '4 hours' },
});

/** The prices again, by days of a zone that sets its clocks. */
const abroad = definePipeline({
  name: 'shop_abroad',
  description: 'Prices, day by day in New York',
  schedule: { cron: '0 0 * * *', timezone: 'America/New_York', delay: '3 hours' },
  start: '2024-03-08',
  source: 'shop',
  tables: { prices: { domain: 'abroad', from: 'shop.prices', extract: { mode: 'snapshot' } } },
});

/** What has changed of the orders, by the time at which it did. */
const changing = definePipeline({
  name: 'shop_changing',
  description: 'Changed orders, whenever somebody asks',
  schedule: 'manual',
  start: '2024-03-01',
  source: 'shop',
  tables: {
    changes: {
      domain: 'changing',
      from: 'shop.orders',
      extract: { mode: 'incremental', cursor: 'ordered_at' },
      primaryKey: ['order_id'],
    },
  },
});

/** One attempt, and all the time that a run has by default. */
const patient = definePipeline({
  name: 'shop_patient',
  description: 'Prices of a source that may be away',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  attempts: 1,
  tables: { prices: { domain: 'patient', from: 'shop.prices', extract: { mode: 'snapshot' } } },
});

/** Orders whose runs wait for one another. */
const waiting = definePipeline({
  name: 'shop_waiting',
  description: 'Orders whose runs wait for one another',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  onConflict: 'wait',
  tables: {
    orders: {
      domain: 'waiting',
      from: 'shop.orders',
      extract: { mode: 'interval', cursor: 'ordered_at' },
      primaryKey: ['order_id'],
    },
  },
});

/** Steps of every kind that a run carries out by itself. The profile names the pool `few`, and `DIR`, where elements meet their test. */
const stepwise = definePipeline({
  name: 'shop_stepwise',
  description: 'Prices, after everything that a run may wait for',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  tables: { prices: { domain: 'stepwise', from: 'shop.prices', extract: { mode: 'snapshot' } } },
  tasks: {
    list: { script: ['sh', '-c', 'echo "[1, 2]" > $SLUICE_OUTPUT'], before: ['extract'] },
    each_one: {
      script: [
        'sh',
        '-c',
        'echo $$ >> $DIR/begun; while ! test -e $DIR/go; do sleep 0.1; done; echo >> $DIR/ended',
      ],
      each: { from: 'list' },
      pool: 'few',
      before: ['extract'],
    },
    arrived: { waitFor: { file: 'incoming/{date}/' }, every: '1 second', before: ['extract'] },
    release: { approve: 'Release the prices', before: ['extract'] },
  },
});

/** A wait for what does not come. */
const inVain = definePipeline({
  name: 'shop_in_vain',
  description: 'A file that does not come',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  tasks: {
    arrived: { waitFor: { file: 'incoming/{date}/' }, every: '2 seconds', timeout: '5 seconds' },
    then: { script: ['true'] },
  },
});

/** Work of every kind that the worker does or watches itself, each until its test lets it go. The lab's project has `meet`, see at-work.ts. */
const atWork = definePipeline({
  name: 'shop_at_work',
  description: 'Work and looks of every kind',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  attempts: 5,
  tasks: {
    scripted: {
      script: [
        'sh',
        '-c',
        'echo $$ >> ../scripted; while ! test -e ../go; do sleep 0.1; done; echo >> ../ended',
      ],
    },
    called: { run: 'meet' },
    sparked: { spark: 'meet' },
    priced: { waitFor: { sql: 'select price from shop.prices where sku = 777' }, every: '1 second' },
    answered: {
      waitFor: { http: process.env['SLUICE_LAB_ADDRESS'] ?? 'http://127.0.0.1:9/', status: 203 },
      every: '1 second',
    },
    followed: { waitFor: { pipeline: 'shop_patient' }, every: '1 second' },
  },
});

/** A task that is a container: it waits until a test puts /sluice/go into it, and says when it ended. */
const contained = definePipeline({
  name: 'shop_contained',
  description: 'Prices, after a container',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  tables: { prices: { domain: 'contained', from: 'shop.prices', extract: { mode: 'snapshot' } } },
  tasks: {
    work: {
      container: {
        image: 'debian:bookworm-slim',
        command: [
          'sh',
          '-c',
          'trap "exit 143" TERM; echo "up with $TOKEN in $MODE"; while ! test -e /sluice/go; do sleep 0.1; done; echo "{\\"at\\": $(date +%s%3N)}" > $SLUICE_OUTPUT',
        ],
        env: { MODE: 'trial' },
      },
      before: ['extract'],
    },
    told: {
      script: ['sh', '-c', 'cat $SLUICE_INPUT > $SLUICE_OUTPUT'],
      after: ['work'],
      before: ['extract'],
    },
    few: {
      container: { image: 'debian:bookworm-slim', command: ['sh', '-c', 'echo nothing new; exit 99'] },
      after: ['work'],
    },
    broken: {
      container: {
        image: 'debian:bookworm-slim',
        command: ['sh', '-c', 'echo "no stock of $TOKEN"; exit 3'],
      },
      after: ['work'],
    },
  },
});

/** Visits by the source's stream of changes: as they are, and every change of them. */
const followed = definePipeline({
  name: 'shop_followed',
  description: 'Visits by their changes',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  tables: {
    visits: {
      domain: 'followed',
      from: 'shop.visits',
      extract: { mode: 'changes' },
      primaryKey: ['visit_id'],
    },
    visits_history: {
      domain: 'followed',
      from: 'shop.visits',
      extract: { mode: 'changes' },
      write: 'append',
    },
  },
});

export const registry = resolveAll([
  waiting,
  shop,
  stepwise,
  inVain,
  atWork,
  contained,
  changing,
  patient,
  modelled,
  often,
  watched,
  followed,
  abroad,
  ...['limited', 'down', 'stranger', 'unnamed', 'canary', 'secret'].map(over),
]);
export const SMALL = ['orders', 'clicks', 'visits', 'prices'] as const;
export const GATE = 4_711; // advisory lock; who holds it keeps `parcels` from being read to its end

/** Days that have rows. */
export const DAYS = ['2024-03-01', '2024-03-02', '2024-03-03', '2024-03-04', '2024-03-05', '2024-03-06'];
const PER_DAY = 100;
const READINGS = 1_200_000;

/** Makes the source's tables anew, always with the same rows. */
export async function seedShop(client: Client, { readings = false } = {}): Promise<void> {
  await client.query(`
    DROP SCHEMA IF EXISTS shop CASCADE;
    CREATE SCHEMA shop;
    CREATE TABLE shop.orders AS
      SELECT n AS order_id, timestamptz '2024-03-01Z' + n * interval '1 day' / ${PER_DAY} AS ordered_at,
        'customer ' || n % 37 AS customer, (n * 7 % 1000)::numeric(10, 2) AS amount
      FROM generate_series(0, ${DAYS.length * PER_DAY - 1}) AS n;
    CREATE TABLE shop.clicks AS
      SELECT ordered_at + interval '3 minutes' AS clicked_at, '/product/' || order_id % 11 AS page FROM shop.orders;
    CREATE TABLE shop.visits (visit_id bigserial PRIMARY KEY, agent text);
    INSERT INTO shop.visits (agent) SELECT 'agent ' || n % 5 FROM generate_series(1, 300) AS n;
    CREATE TABLE shop.prices AS SELECT n AS sku, (n * 3.25)::numeric(10, 2) AS price FROM generate_series(1, 50) AS n;
    CREATE TABLE shop.parcels AS SELECT n AS parcel_id, md5(n::text) AS label FROM generate_series(1, 5000) AS n;
    CREATE FUNCTION shop.gate(n int) RETURNS int LANGUAGE plpgsql VOLATILE AS
      'BEGIN IF n = 4000 THEN PERFORM pg_advisory_xact_lock_shared(${GATE}); END IF; RETURN n; END';
    CREATE VIEW shop.parcels_gated AS SELECT shop.gate(parcel_id) AS parcel_id, label FROM shop.parcels;
    CREATE TABLE shop.readings AS
      SELECT n AS reading_id, md5(n::text) AS sensor, n * 1.5::float8 AS value
      FROM generate_series(1, ${readings ? READINGS : 10}) AS n;
    ANALYZE;`);
}
