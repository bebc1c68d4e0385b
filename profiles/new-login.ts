import { LoginRefused, Unreachable } from '../core/errors.ts';

/**
 * The same object; a call that ends with `LoginRefused` is made once more on what `reopen` gives, and so are all after it: passwords
 * are rotated while a worker runs. What it held before is closed when none of its calls is under way any more. Where
 * a login has worked, one that is refused is in the midst of that, whichever of the two is changed first: `Unreachable`, which passes.
 * @param reopen undefined where the login is what it was
 */
export function withNewLogin<T extends { close(): Promise<void> }>(
  opened: T,
  reopen: () => Promise<T | undefined>,
): T {
  let current = opened;
  let hasWorked = false;
  /** Calls under way, by what they are made on. */
  const calls = new Map<T, number>();
  const begin = (on: T) => calls.set(on, (calls.get(on) ?? 0) + 1);
  const end = (on: T) => {
    const left = (calls.get(on) ?? 1) - 1;
    calls.set(on, left);
    if (left > 0 || on === current) return;
    calls.delete(on);
    void on.close().catch(() => undefined);
  };
  let reopening: Promise<T | undefined> | undefined;
  /** One look for all calls that were refused at the same time. @returns whether there is another login than `used` had */
  const renewed = async (used: T): Promise<boolean> => {
    if (current !== used) return true;
    reopening ??= reopen().finally(() => (reopening = undefined));
    const found = await reopening;
    if (found && current === used) current = found;
    return current !== used;
  };
  /** Of the object itself, or of a part of it, `path` from there. */
  const proxy = <P extends object>(part: P, path: readonly PropertyKey[]): P =>
    new Proxy(part, {
      get(_, name) {
        const member = at(current, [...path, name]);
        if (typeof member === 'object' && member !== null) return proxy(member, [...path, name]);
        if (typeof member !== 'function') return member;
        return async (...rest: unknown[]): Promise<unknown> => {
          const callOn = async (on: T): Promise<unknown> => {
            begin(on);
            try {
              const given: unknown = await Reflect.apply(
                at(on, [...path, name]) as () => unknown,
                at(on, path),
                rest,
              );
              hasWorked = true;
              return given;
            } finally {
              end(on);
            }
          };
          const used = current;
          try {
            return await callOn(used).catch(async (error: unknown) => {
              if (error instanceof LoginRefused && (await renewed(used))) return callOn(current);
              throw error;
            });
          } catch (error) {
            if (!(error instanceof LoginRefused) || !hasWorked) throw error;
            throw new Unreachable(error.message, { cause: error });
          }
        };
      },
    });
  return proxy(opened, []);
}

function at(object: object, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((part, name) => {
    const found: unknown = Reflect.get(part as object, name, part);
    return found;
  }, object);
}
