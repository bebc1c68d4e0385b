import { dayOf, dayText, SECONDS_A_DAY, timestampText } from '../calendar.ts';
import type { Row } from '../copy.ts';
import { Random } from '../random.ts';
import { sellerIdOf } from './catalog.ts';
import { LAST_DAY, timeOfDay } from './purchases.ts';
import type { Scale } from './scale.ts';

/** The day of the first lead. */
const FIRST_LEAD = dayOf('2017-06-14');

export function* qualifiedRows(scale: Scale): Generator<Row> {
  for (let index = 0; index < scale.leads; index++) {
    const random = new Random(scale.seed, 'lead', index);
    yield qualifiedRow(random, random.id(), contactDay(scale, index));
  }
}

export function* closedRows(scale: Scale): Generator<Row> {
  for (let index = 0; index < scale.leads; index++) {
    const random = new Random(scale.seed, 'win', index);
    const won = contactDay(scale, index) + random.between(1, 60);
    if (index % 10 !== 3 || won > LAST_DAY) continue;
    const number = Math.floor(index / 10);
    const sellsAlready = number % 2 === 0 && number / 2 < scale.sellers;
    const seller = sellsAlready ? sellerIdOf(scale, number / 2) : random.id();
    yield closedRow(random, new Random(scale.seed, 'lead', index).id(), seller, won);
  }
}

/** A lead in the columns of `leads_qualified`. */
export function qualifiedRow(random: Random, id: string, day: number): Row {
  return [id, dayText(day), new Random(random.int(200), 'page', 0).id(), random.weighted(ORIGINS)];
}

/** A won lead in the columns of `leads_closed`. */
export function closedRow(random: Random, leadId: string, sellerId: string, day: number): Row {
  const asked = random.chance(75);
  return [
    leadId,
    sellerId,
    new Random(random.int(30), 'representative', 0).id(),
    new Random(random.int(20), 'closer', 0).id(),
    timestampText(day * SECONDS_A_DAY + timeOfDay(random)),
    random.chance(1) ? null : random.pick(SEGMENTS),
    random.chance(7) ? null : random.pick(TYPES),
    random.chance(210) ? null : random.pick(PROFILES),
    asked ? random.chance(920) : null,
    asked ? random.chance(840) : null,
    asked ? random.pick(STOCKS) : null,
    random.chance(12) ? null : random.weighted(BUSINESSES),
    asked ? random.between(1, 1000) : null,
    asked ? `${random.between(1, 800) * 1000}.00` : '0.00',
  ];
}

const ORIGINS: readonly (readonly [string | null, number])[] = [
  ['organic_search', 29],
  ['paid_search', 20],
  ['social', 17],
  ['unknown', 14],
  ['direct_traffic', 6],
  ['email', 6],
  ['referral', 4],
  ['other', 3],
  [null, 1],
];
const SEGMENTS = ['home_decor', 'health_beauty', 'car_accessories', 'pet', 'toys', 'watches', 'computers'];
const TYPES = ['online_big', 'online_medium', 'online_small', 'industry', 'offline'];
const PROFILES = ['cat', 'eagle', 'wolf', 'shark', 'cat, wolf'];
const STOCKS = ['1-5', '5-20', '20-50', '50-200', '200+', 'unknown'];
const BUSINESSES: readonly (readonly [string, number])[] = [
  ['reseller', 70],
  ['manufacturer', 30],
];

function contactDay(scale: Scale, index: number): number {
  return FIRST_LEAD + Math.floor((index * (LAST_DAY - FIRST_LEAD)) / scale.leads);
}
