import { defineDashboard } from '../core/dashboards/definition.ts';

/** From the best to those who are gone. */
const SEGMENTS = [
  'Champion',
  'Loyal',
  'Promising',
  'New Customers',
  'Warm Leads',
  'Abandoned Checkouts',
  'Cold Leads',
  'Need Attention',
  'Should Not Lose',
  'Sleepers',
  'Lost',
];

export const olistSegments = defineDashboard({
  name: 'olist-segments',
  title: 'Customer segments',
  description:
    'Who buys, how lately, how much and how content: one segment for every customer with a delivered order.',
  pipeline: 'olist',
  data: {
    customers: {
      mart: 'mart_customer_segments',
      dimensions: {
        segment: { order: SEGMENTS },
        r_score: { label: 'Recency score' },
        m_score: { label: 'Spending score' },
      },
      measures: {
        customers: { count: true },
        monetary: { label: 'Paid', sum: 'monetary', unit: 'BRL' },
        orders: { sum: 'frequency' },
        paid_each: { label: 'Paid per customer', ratio: ['monetary', 'customers'], unit: 'BRL' },
        orders_each: { label: 'Orders per customer', ratio: ['orders', 'customers'], decimals: 2 },
        recency: { label: 'Days since the last order', mean: 'recency_days', decimals: 0 },
      },
    },
  },
  filters: ['segment', 'r_score', 'm_score'],
  panels: [
    { kind: 'number', title: 'Customers', data: 'customers', measure: 'customers' },
    { kind: 'number', title: 'Paid', data: 'customers', measure: 'monetary' },
    { kind: 'number', title: 'Paid per customer', data: 'customers', measure: 'paid_each' },
    {
      kind: 'ranking',
      title: 'Customers by segment',
      data: 'customers',
      by: 'segment',
      measure: 'customers',
      top: 11,
    },
    { kind: 'share', title: 'What each segment paid', data: 'customers', by: 'segment', measure: 'monetary' },
    {
      kind: 'bars',
      title: 'Customers by recency score',
      note: '5 is the most recent fifth.',
      data: 'customers',
      by: 'r_score',
      measure: 'customers',
    },
    {
      kind: 'bars',
      title: 'Paid by spending score',
      note: '5 is the fifth that spends most.',
      data: 'customers',
      by: 'm_score',
      measure: 'monetary',
    },
    {
      kind: 'table',
      title: 'All segments',
      data: 'customers',
      by: ['segment'],
      measures: ['customers', 'monetary', 'paid_each', 'orders_each', 'recency'],
      rows: 11,
    },
  ],
});
