import { Context } from '@temporalio/activity';
import { orAborted } from '../core/abort.ts';
import type { Lake } from '../connectors/lake/port.ts';
import type { Receiver } from '../connectors/notify/port.ts';
import type { Warehouse } from '../connectors/warehouse/port.ts';
import type { Connectors } from './connectors.ts';

/** Whether a call ends with its activity. Each of a port's has its line here: one that is new must be decided. */
type Calls<T> = Readonly<Record<MethodsOf<T>, 'given up' | 'waited for'>>;
type MethodsOf<T> = { [K in keyof T]: T[K] extends (...rest: never[]) => unknown ? K : never }[keyof T];

const WAREHOUSE: Calls<Warehouse> = {
  lastLoad: 'given up',
  mark: 'given up',
  appliedLoadIds: 'given up',
  present: 'given up',
  landed: 'given up',
  // These take a signal, or must have ended.
  load: 'waited for',
  read: 'waited for',
  query: 'waited for',
  columns: 'waited for',
  handOver: 'waited for',
  care: 'waited for',
  measure: 'waited for',
  close: 'waited for',
};
/** What writes to the lake is waited for: what it writes is cleaned up by who wrote it. */
const LAKE: Calls<Lake> = {
  readManifest: 'given up',
  fileUris: 'waited for',
  list: 'waited for',
  open: 'waited for',
  remove: 'waited for',
  gc: 'waited for',
};

/** `wants` answers at once. */
const RECEIVER: Calls<Receiver> = { send: 'given up', wants: 'waited for' };

/** The same connectors, whose calls that take no signal and leave nothing behind end with the activity when it is cancelled. */
export function cancellable(connectors: Connectors): Connectors {
  const { ledger, steps, warehouse, lake, notify, metrics } = connectors;
  return {
    ...connectors,
    ledger: givenUp(ledger),
    steps: givenUp(steps),
    warehouse: givenUp(warehouse, WAREHOUSE),
    lake: givenUp(lake, LAKE),
    notify: notify?.map((receiver) => givenUp(receiver, RECEIVER)),
    metrics: metrics && givenUp(metrics),
  };
}

function givenUp<T extends object>(port: T, calls?: Calls<T>): T {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const call = (...rest: unknown[]): unknown => Reflect.apply(member, target, rest);
      if (calls && calls[name as MethodsOf<T>] !== 'given up') return call;
      return (...rest: unknown[]) =>
        orAborted(Promise.resolve(call(...rest)), Context.current().cancellationSignal);
    },
  });
}
