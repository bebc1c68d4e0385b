import { LoginRefused } from '../core/errors.ts';

/**
 * The same object; a call that ends with `LoginRefused` is made once more on what `reopen` gives, and so are all after it: passwords
 * are rotated while a worker runs. What it held before is left to end by itself.
 * @param reopen undefined where the login is what it was
 */
export function withNewLogin<T extends object>(opened: T, reopen: () => Promise<T | undefined>): T {
  let current = opened;
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
          const used = current;
          const call = (): unknown =>
            Reflect.apply(at(current, [...path, name]) as () => unknown, at(current, path), rest);
          try {
            return await call();
          } catch (error) {
            if (!(error instanceof LoginRefused) || !(await renewed(used))) throw error;
            return call();
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
