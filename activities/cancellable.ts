import { Context } from '@temporalio/activity';
import { orAborted } from '../core/abort.ts';
import type { Connectors } from './connectors.ts';

/**
 * The same connectors, whose calls that take no signal end with the activity when it is cancelled. Those that write to the lake do not:
 * what they write is cleaned up by who wrote it, and that must have ended.
 */
export function cancellable(connectors: Connectors): Connectors {
  const { ledger, warehouse, lake, notify, metrics } = connectors;
  return {
    ...connectors,
    ledger: givenUp(ledger),
    warehouse: givenUp(warehouse, ['lastLoad', 'mark', 'landed', 'appliedLoadIds']),
    lake: givenUp(lake, ['readManifest', 'gc']),
    notify: notify && givenUp(notify),
    metrics: metrics && givenUp(metrics),
  };
}

function givenUp<T extends object>(port: T, only?: readonly (keyof T)[]): T {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const call = (...rest: unknown[]): unknown => Reflect.apply(member, target, rest);
      if (only && !only.includes(name as keyof T)) return call;
      return (...rest: unknown[]) =>
        orAborted(Promise.resolve(call(...rest)), Context.current().cancellationSignal);
    },
  });
}
