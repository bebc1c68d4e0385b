import type { Ledger, PlaceRecord } from '../connectors/ledger/port.ts';
import { poolsOf, type Profile } from '../profiles/profile.ts';

export interface Pool {
  readonly pool: string;
  /** Places that it has; null where the profile does not limit it any more. */
  readonly size: number | null;
  readonly held: readonly PlaceRecord[];
  /** In their order. */
  readonly waiting: readonly PlaceRecord[];
}

/** Every pool of the profile, and those that somebody is still in. */
export async function poolsNow(ledger: Ledger, profile: Profile): Promise<Pool[]> {
  const sizes = poolsOf(profile);
  const places = await ledger.places();
  const names = [...new Set([...Object.keys(sizes), ...places.map(({ pool }) => pool)])].sort();
  const isHeld = ({ takenAt }: PlaceRecord) => takenAt !== null;
  return names.map((name) => {
    const of = places.filter(({ pool }) => pool === name);
    return {
      pool: name,
      size: sizes[name] ?? null,
      held: of.filter(isHeld),
      waiting: of.filter((each) => !isHeld(each)),
    };
  });
}
