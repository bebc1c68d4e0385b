import { InvalidInput } from '../../core/errors.ts';
import { dayOf, dayText } from '../calendar.ts';
import type { Row } from '../copy.ts';
import { places } from '../olist/places.ts';
import { Random } from '../random.ts';
import { FABRICS, FIRST_NAMES, LAST_NAMES, PRODUCTS, STREETS } from './names.ts';
import type { RetailTable } from './tables.ts';

/** How large the shop is, and up to when it has sold. */
export interface RetailSize {
  /** 100 unless set. */
  readonly clients?: number;
  /** 20 unless set. */
  readonly salesPeople?: number;
  /** 1,000 unless set. */
  readonly sales?: number;
  /** The day of the last sale, `2025-12-31` unless set; the others are of the same year. */
  readonly until?: string;
  /** 1 unless set. */
  readonly seed?: number;
}

/** What more sales are made of. */
export interface Shop {
  readonly clients: readonly number[];
  readonly salesPeople: readonly number[];
  readonly products: readonly Product[];
}
interface Product {
  readonly id: number;
  /** Cents. */
  readonly price: number;
}
/** A sale that is to be, without what is sold. */
interface SaleKey {
  readonly id: number;
  readonly day: number;
  /** Its own random numbers. */
  readonly random: Random;
}

const MOST = 1_000_000;
const YOUNGEST = 6;
const OLDEST = 88;
const DAYS_A_YEAR = 365;

/** Rows of the six tables in the order of their columns, by nothing but the size: the same one gives the same rows. @throws {InvalidInput} */
export function generateRetail(size: RetailSize = {}): Readonly<Record<RetailTable, readonly Row[]>> {
  const { clients = 100, salesPeople = 20, sales = 1_000, until = '2025-12-31', seed = 1 } = size;
  check({ clients, salesPeople, sales, until, seed });
  const last = dayOf(until);
  const first = dayOf(`${until.slice(0, 4)}-01-01`);
  const products = PRODUCTS.map((name, at) => product(new Random(seed, 'retail product', at), name, at + 1));
  const shop: Shop = {
    clients: ids(clients),
    salesPeople: ids(salesPeople),
    products: products.map(([id, , , price]) => ({ id: Number(id), price: centsOf(price) })),
  };
  const days = ids(sales).map((n) =>
    n === sales ? last : first + new Random(seed, 'retail day', n).int(last - first + 1),
  );
  const keys = days
    .sort((a, b) => a - b)
    .map((day, at) => ({ id: at + 1, day, random: new Random(seed, 'retail sale', at) }));
  return {
    clients: ids(clients).map((id) => client(new Random(seed, 'retail client', id), id, last)),
    client_addresses: ids(clients).map((id) => address(new Random(seed, 'retail address', id), id)),
    sales_people: ids(salesPeople).map((id) => salesPerson(new Random(seed, 'retail sales person', id), id)),
    products,
    ...salesOf(shop, keys, 1),
  };
}

/**
 * Sales of one more day in a shop, about as many as it has had a day: by nothing but the day and these numbers.
 * @param perDay rounded up; from half of it to one and a half are made
 */
export function nextDay(
  shop: Shop,
  day: number,
  { perDay, saleId, itemId }: { readonly perDay: number; readonly saleId: number; readonly itemId: number },
): Pick<Record<RetailTable, readonly Row[]>, 'sales' | 'sales_items'> {
  const half = Math.ceil(perDay / 2);
  const count = new Random(day, 'retail next day', 0).between(half, half + Math.ceil(perDay));
  const keys = ids(count).map((n) => ({
    id: saleId + n - 1,
    day,
    random: new Random(day, 'retail next sale', n),
  }));
  return salesOf(shop, keys, itemId);
}

function salesOf(
  shop: Shop,
  keys: readonly SaleKey[],
  firstItem: number,
): Pick<Record<RetailTable, readonly Row[]>, 'sales' | 'sales_items'> {
  const sales: Row[] = [];
  const items: Row[] = [];
  for (const { id, day, random } of keys) {
    const buyer = random.pick(shop.clients);
    const seller = random.pick(shop.salesPeople);
    let total = 0;
    for (let left = random.between(1, 3); left > 0; left--) {
      const { id: product, price } = random.pick(shop.products);
      const quantity = random.between(1, 10);
      const discount = Math.round((price * random.between(0, 15)) / 100); // of a piece
      const line = (price - discount) * quantity;
      total += line;
      items.push([
        firstItem + items.length,
        id,
        product,
        quantity,
        money(price - discount),
        money(line),
        money(discount),
      ]);
    }
    sales.push([id, buyer, seller, dayText(day), money(total)]);
  }
  return { sales, sales_items: items };
}

function client(random: Random, id: number, last: number): Row {
  const [first, name] = person(random);
  const born = last - random.between(YOUNGEST * DAYS_A_YEAR, OLDEST * DAYS_A_YEAR);
  const phone = `(${random.between(11, 99)})9${digits(random, 4)}-${digits(random, 4)}`;
  return [id, first, name, dayText(born), `${mailName(first, name)}.${id}@example.com`, phone];
}

function salesPerson(random: Random, id: number): Row {
  const [first, name] = person(random);
  const phone = `+55 ${random.between(11, 99)} 9${digits(random, 4)}-${digits(random, 4)}`;
  return [id, first, name, `${mailName(first, name)}.${id}@loja.example.com`, phone];
}

function address(random: Random, id: number): Row {
  const { city, state, firstZip, lastZip } = random.weighted(places);
  const street = `${random.pick(STREETS)} ${random.pick(LAST_NAMES)}, ${random.between(1, 2_000)}`;
  const zip = `${String(random.between(firstZip, lastZip)).padStart(5, '0')}-${digits(random, 3)}`;
  return [id, id, state, city, street, zip];
}

function product(random: Random, name: string, id: number): Row {
  const description = `${name} de ${random.pick(FABRICS)}, coleção ${random.between(1, 9)}`;
  return [id, name, description, money(random.between(10, 100) * 10)];
}

function person(random: Random): readonly [string, string] {
  return [random.pick(FIRST_NAMES), `${random.pick(LAST_NAMES)} ${random.pick(LAST_NAMES)}`];
}

/** `antonio.da-silva` */
function mailName(...names: readonly string[]): string {
  const plain = names
    .join('.')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
  return plain.toLowerCase().replaceAll(' ', '-');
}

function digits(random: Random, count: number): string {
  return String(random.int(10 ** count)).padStart(count, '0');
}

function money(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

/** Of `12.30`. */
export function centsOf(amount: unknown): number {
  return Number(String(amount).replace('.', ''));
}

function ids(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => at + 1);
}

function check({ until, seed, ...counts }: Required<RetailSize>): void {
  const isDay =
    /^\d{4}-\d\d-\d\d$/.test(until) && Number.isFinite(dayOf(until)) && dayText(dayOf(until)) === until;
  const problems = [
    ...Object.entries(counts).flatMap(([name, count]) =>
      Number.isInteger(count) && count >= 1 && count <= MOST
        ? []
        : [`${name}: ${count} is not a whole number from 1 to ${MOST.toLocaleString('en')}.`],
    ),
    ...(Number.isSafeInteger(seed) ? [] : [`seed: ${seed} is not a whole number.`]),
    ...(isDay ? [] : [`until: '${until}' is no day like 2025-12-31.`]),
  ];
  if (problems.length) throw new InvalidInput('What to generate', problems);
}
