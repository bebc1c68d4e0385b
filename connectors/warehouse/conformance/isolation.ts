/**
 * Keeps tests that share a warehouse apart. A test that has run out of time goes on in the background: what it has under way is waited
 * for before the next one begins, and then fails, so that it comes to its end there and writes nothing into the other's tables.
 */
export class OwnTest {
  #number = 0;
  readonly #running = new Set<Promise<unknown>>();

  /** A test begins. */
  async begin(): Promise<void> {
    this.#number += 1;
    await Promise.allSettled(this.#running);
  }

  /** Work of the test that runs now. @throws its test has ended meanwhile */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#number;
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      // Whatever came of it, nobody is to go on from there.
      if (mine !== this.#number) throw new Error('The test that wanted this has run out of time.');
    }
  }

  /** The same object, whose methods are work of the test that runs now. */
  guard<T extends object>(object: T): T {
    return new Proxy(object, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) =>
          this.run(() => Promise.resolve(Reflect.apply(value as () => unknown, target, given)));
      },
    });
  }
}
