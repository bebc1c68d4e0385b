import { InvalidInput } from '../../core/errors.ts';
import { dayOf, dayText } from '../calendar.ts';
import type { Row } from '../copy.ts';
import { Random } from '../random.ts';
import type { BikestoreFile } from './tables.ts';

/** As many as the real files have. */
export const DEFAULT_BIKE_ORDERS = 1_615;
const MOST_ORDERS = 5_000_000;
const PRODUCTS = 321;
const STORES = 3;
const STAFFS = 10;
const FIRST_DAY = dayOf('2016-01-01');
const DAYS = 1_093;

const BRANDS = [
  'Electra',
  'Haro',
  'Heller',
  'Pure Cycles',
  'Ritchey',
  'Strider',
  'Sun Bicycles',
  'Surly',
  'Trek',
];
const CATEGORIES = [
  'Children Bicycles',
  'Comfort Bicycles',
  'Cruisers Bicycles',
  'Cyclocross Bicycles',
  'Electric Bikes',
  'Mountain Bikes',
  'Road Bikes',
];
const FIRST_NAMES = [
  'Debra',
  'Kasha',
  'Tameka',
  'Daryl',
  'Charolette',
  'Lyndsey',
  'Latasha',
  'Jacquline',
  'Genoveva',
  "D'Arcy",
];
const LAST_NAMES = [
  'Burks',
  'Todd',
  'Fisher',
  'Spence',
  'Rice',
  'Bean',
  'Hays',
  'Duncan',
  'Baldwin',
  "O'Neill",
];
const CITIES: readonly (readonly [city: string, state: string, zip: string])[] = [
  ['Orchard Park', 'NY', '14127'],
  ['Campbell', 'CA', '95008'],
  ['Redondo Beach', 'CA', '90278'],
  ['Uniondale', 'NY', '11553'],
  ['Rowlett', 'TX', '75088'],
];

/**
 * The rows of each file of bike stores with this many orders from 2016 to 2018, in its columns: the same orders and seed give the same
 * rows on every machine. @throws {InvalidInput} when orders or seed are not whole numbers in range
 */
export function generateBikestore(orders: number, seed: number): Record<BikestoreFile, () => Generator<Row>> {
  const problems = [
    ...(Number.isInteger(orders) && orders >= 1 && orders <= MOST_ORDERS
      ? []
      : [`orders is ${orders}; give a whole number from 1 to ${MOST_ORDERS}.`]),
    ...(Number.isSafeInteger(seed) && seed >= 0 ? [] : [`seed is ${seed}; give a whole number, 0 or more.`]),
  ];
  if (problems.length > 0) throw new InvalidInput('What to generate', problems);
  const customers = Math.ceil(orders * 0.9);
  const draw = (stream: string, index: number) => new Random(seed, stream, index);
  /** In hundredths: a product costs the same in every order. */
  const price = (product: number) => draw('price', product).between(90, 12_000) * 100 - 1;
  return {
    brands: () => numbered(BRANDS.length, (at) => [at, BRANDS[at - 1] ?? '']),
    categories: () => numbered(CATEGORIES.length, (at) => [at, CATEGORIES[at - 1] ?? '']),
    products: () =>
      numbered(PRODUCTS, (at) => {
        const random = draw('product', at);
        const year = random.between(2016, 2018);
        const brand = random.between(1, BRANDS.length);
        const wheel = random.chance(100) ? ' 1 16"' : '';
        const name = `${BRANDS[brand - 1]} ${random.pick(['Verve', 'Domane', 'Townie', "Girl's Hawaii"])} ${at}${wheel} - ${year}`;
        return [at, name, brand, random.between(1, CATEGORIES.length), year, money(price(at))];
      }),
    stores: () =>
      numbered(STORES, (at) => {
        const [city, state, zip] = CITIES[at] ?? ['', '', ''];
        const name = `${city} Bikes`;
        return [
          at,
          name,
          `(831) 476-432${at}`,
          `store${at}@bikes.shop`,
          `${at}700 Portola Drive`,
          city,
          state,
          zip,
        ];
      }),
    staffs: () =>
      numbered(STAFFS, (at) => {
        const random = draw('staff', at);
        const first = random.pick(FIRST_NAMES);
        const manager = at === 1 ? null : at <= 1 + STORES ? 1 : 2 + ((at - 2) % STORES);
        const phone = `(831) 555-55${50 + at}`;
        return [
          at,
          first,
          random.pick(LAST_NAMES),
          `staff${at}@bikes.shop`,
          phone,
          1,
          1 + ((at - 1) % STORES),
          manager,
        ];
      }),
    customers: () =>
      numbered(customers, (at) => {
        const random = draw('customer', at);
        const [city, state, zip] = random.pick(CITIES);
        const phone = random.chance(877)
          ? null
          : `(${random.between(200, 999)}) ${random.between(200, 999)}-${random.between(1000, 9999)}`;
        const street = `${random.between(1, 9999)} Thorne Ave. `;
        return [
          at,
          random.pick(FIRST_NAMES),
          random.pick(LAST_NAMES),
          phone,
          `customer${at}@yahoo.com`,
          street,
          city,
          state,
          zip,
        ];
      }),
    orders: () =>
      numbered(orders, (at) => {
        const random = draw('order', at);
        const status = random.weighted([
          [4, 1445],
          [3, 45],
          [2, 63],
          [1, 62],
        ]);
        const day = FIRST_DAY + Math.floor(((at - 1) * DAYS) / orders);
        const shipped = status === 4 ? dayText(day + random.between(1, 3)) : null;
        const store = random.between(1, STORES);
        const staff = store + STORES * random.between(0, 2);
        return [
          at,
          random.between(1, customers),
          status,
          dayText(day),
          dayText(day + random.between(1, 3)),
          shipped,
          store,
          staff,
        ];
      }),
    order_items: function* () {
      for (let order = 1; order <= orders; order++) {
        const random = draw('lines', order);
        const lines = random.between(1, 5);
        for (let line = 1; line <= lines; line++) {
          const product = random.between(1, PRODUCTS);
          yield [
            order,
            line,
            product,
            random.between(1, 2),
            money(price(product)),
            random.pick(['0.05', '0.07', '0.1', '0.2']),
          ];
        }
      }
    },
    stocks: function* () {
      for (let store = 1; store <= STORES; store++)
        for (let product = 1; product <= PRODUCTS; product++)
          if (!draw('unstocked', store * PRODUCTS + product).chance(25))
            yield [store, product, draw('stock', store * PRODUCTS + product).between(0, 30)];
    },
  };
}

function* numbered(count: number, row: (at: number) => Row): Generator<Row> {
  for (let at = 1; at <= count; at++) yield row(at);
}

const money = (cents: number): string => (cents / 100).toFixed(2);
