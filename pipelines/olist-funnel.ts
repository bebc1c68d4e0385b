import { definePipeline } from '../core/pipeline.ts';

export const olistFunnel = definePipeline({
  name: 'olist_funnel',
  description: 'What visitors of Olist do, from files: what is looked at, and what is left in the cart',
  schedule: { onFiles: { place: 'user_behaviour', pattern: '*.csv' } },
  start: '2016-01-01',
  source: 'olist_funnel',
  tables: {
    user_behaviour: {
      domain: 'shop',
      extract: {
        mode: 'files',
        format: 'csv',
        columns: {
          session_id: 'string',
          event_timestamp: { type: 'timestamp', format: '%m/%d/%Y %I:%M %p' },
          event_type: 'string',
          userid: 'string',
          product_id: 'string',
          category_id: 'string',
        },
      },
    },
  },
  transform: { dbt: { select: 'tag:olist_funnel' } },
});
