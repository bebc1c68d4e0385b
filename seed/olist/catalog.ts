import { Random } from '../random.ts';
import type { Row } from '../copy.ts';
import { addressOf } from './addresses.ts';
import { categories } from './categories.ts';
import type { Scale } from './scale.ts';

/** What an order line takes from the catalog; money in cents. */
export interface Offer {
  readonly productId: string;
  readonly sellerId: string;
  readonly price: number;
  readonly freight: number;
}

/** An offer for a product, popular ones more often than others. Its price has changed now and then. */
export function drawOffer(scale: Scale, random: Random): Offer {
  const index = Math.min(random.int(scale.products), random.int(scale.products), random.int(scale.products));
  const product = new Random(scale.seed, 'product', index);
  const productId = product.id();
  const [low, high] = product.weighted(PRICE_RANGES);
  const listed = product.between(low, high) * 100 + product.weighted(PRICE_ENDINGS);
  const seller = Math.min(product.int(scale.sellers), product.int(scale.sellers));
  const other = product.int(scale.sellers);
  return {
    productId,
    sellerId: sellerIdOf(scale, random.chance(100) ? other : seller),
    price: random.chance(80) ? Math.floor((listed * random.between(80, 110)) / 100) : listed,
    freight: random.chance(4) ? 0 : random.between(712, 2400) + Math.floor((listed * random.int(9)) / 100),
  };
}

export function sellerIdOf(scale: Scale, index: number): string {
  return new Random(scale.seed, 'seller', index).id();
}

export function* productRows(scale: Scale): Generator<Row> {
  for (let index = 0; index < scale.products; index++) {
    const id = new Random(scale.seed, 'product', index).id();
    const random = new Random(scale.seed, 'description', index);
    const described = !random.chance(18);
    const measured = !random.chance(0.2);
    yield [
      id,
      described ? categoryOf(random) : null,
      described ? random.between(5, 64) : null,
      described ? random.between(20, 3000) : null,
      described ? random.weighted(PHOTOS) : null,
      measured ? random.weighted(WEIGHTS) : null,
      measured ? random.between(10, 60) : null,
      measured ? random.between(2, 40) : null,
      measured ? random.between(8, 45) : null,
    ];
  }
}

export function* sellerRows(scale: Scale): Generator<Row> {
  for (let index = 0; index < scale.sellers; index++) {
    const { zip, place } = addressOf(scale, new Random(scale.seed, 'premises', index).int(scale.zips));
    yield [sellerIdOf(scale, index), zip, place.city, place.state];
  }
}

export function* translationRows(): Generator<Row> {
  for (const [portuguese, english] of categories) if (english !== undefined) yield [portuguese, english];
}

/** Whole currency units, from–to, with weights. */
const PRICE_RANGES: readonly (readonly [readonly [number, number], number])[] = [
  [[1, 9], 3],
  [[10, 39], 30],
  [[40, 99], 36],
  [[100, 199], 20],
  [[200, 599], 9],
  [[600, 1999], 2],
  [[2000, 6499], 1],
];
const PRICE_ENDINGS: readonly (readonly [number, number])[] = [
  [90, 50],
  [99, 30],
  [0, 15],
  [49, 5],
];
const PHOTOS: readonly (readonly [number, number])[] = [
  [1, 50],
  [2, 19],
  [3, 12],
  [4, 9],
  [6, 8],
  [19, 2],
];
/** Grams. */
const WEIGHTS: readonly (readonly [number, number])[] = [
  [0, 1],
  [150, 20],
  [300, 25],
  [700, 25],
  [1800, 20],
  [9000, 8],
  [30000, 2],
];

/** Earlier categories are larger; the two untranslated ones are small. */
function categoryOf(random: Random): string {
  const index = random.chance(3) ? categories.length - 1 - random.int(2) : random.int(categories.length);
  return (categories[index] ?? categories[0])?.[0] ?? '';
}
