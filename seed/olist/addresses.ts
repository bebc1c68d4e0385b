import { Random } from '../random.ts';
import type { Row } from '../copy.ts';
import { places, type Place } from './places.ts';
import type { Scale } from './scale.ts';

export interface Address {
  readonly zip: string;
  readonly place: Place;
}

/** The address area numbered `index`, below `scale.zips`. */
export function addressOf(scale: Scale, index: number): Address {
  const random = new Random(scale.seed, 'zip', index);
  const place = random.weighted(places);
  return { zip: String(random.between(place.firstZip, place.lastZip)).padStart(5, '0'), place };
}

/** The points of every address area, in the columns of `geolocation`; a few areas have none. */
export function* geolocationRows(scale: Scale): Generator<Row> {
  for (let index = 0; index < scale.zips; index++) {
    const { zip, place } = addressOf(scale, index);
    const random = new Random(scale.seed, 'points', index);
    if (random.chance(UNSURVEYED_PER_MILLE)) continue;
    for (let left = random.between(1, random.weighted(MOST_POINTS)); left > 0; left--) {
      const row = [zip, ...position(random, place), spelling(random, place), place.state];
      yield row;
      if (random.chance(140)) yield row;
    }
  }
}

const UNSURVEYED_PER_MILLE = 5;
const MOST_POINTS: readonly (readonly [number, number])[] = [
  [8, 50],
  [40, 40],
  [150, 10],
];

function position(random: Random, place: Place): [latitude: string, longitude: string] {
  if (random.chance(0.5)) return [degrees(random, 42_000_000), degrees(random, -8_000_000)];
  return [
    degrees(random, place.latitude + random.between(-60_000, 60_000)),
    degrees(random, place.longitude + random.between(-60_000, 60_000)),
  ];
}

/** Millionths of a degree as degrees with 14 decimals; digits only, so no rounding differs between machines. */
function degrees(random: Random, millionths: number): string {
  const whole = Math.trunc(Math.abs(millionths) / 1_000_000);
  const decimals = String(Math.abs(millionths) % 1_000_000).padStart(6, '0');
  return `${millionths < 0 ? '-' : ''}${whole}.${decimals}${String(random.int(1e8)).padStart(8, '0')}`;
}

function spelling(random: Random, place: Place): string {
  return place.spellings.length > 0 && random.chance(150) ? random.pick(place.spellings) : place.city;
}
