import type { Context } from 'hono';
import { compress } from 'hono/compress';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { Registry } from '../core/registry.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Session } from '../operations/session.ts';
import type { Assets } from './assets.ts';
import { NotFound, type Refusal } from './errors.ts';
import type { Doors } from './doors.ts';
import type { Gate } from './gate.ts';
import { Page, type Place } from './layout.tsx';
import type { Schedules } from './schedules.ts';

/** What every page is made with. */
export interface Making {
  readonly session: Session;
  readonly registry: Registry;
  readonly schedules: Schedules;
  readonly assets: Assets;
  /** What a page takes from the ledger is bounded, however many are asked for. */
  readonly gate: Gate;
  /** Who may look and act, and as whom. */
  readonly doors: Doors;
}

export interface Shown {
  readonly section: Place['section'];
  readonly title: string;
  readonly main: Child;
  /** Whether it is fetched again when something has changed; true when absent. */
  readonly live?: boolean;
  readonly status?: 200 | Refusal['status'];
}

/** A whole page; or its main part alone, for a page that is open already. */
export function show(c: Context, making: Making, { section, title, main, live = true, status = 200 }: Shown) {
  c.header('cache-control', 'no-store');
  if (c.req.header('x-part') === 'main') {
    c.header('x-part', 'main');
    return c.html(<>{main}</>, status);
  }
  const { assets, session, doors } = making;
  const place = { assets, section, temporalUi: temporalUi(session.profile), actor: doors.actorOf(c) };
  return c.html(
    <>
      {raw('<!doctype html>')}
      <Page title={title} place={place} live={live}>
        {main}
      </Page>
    </>,
    status,
  );
}

/** Temporal's Web UI, at the namespace; undefined where the profile names none. */
export function temporalUi({ temporal }: Profile): string | undefined {
  return temporal.ui && `${temporal.ui}/namespaces/${encodeURIComponent(temporal.namespace)}`;
}

const LONGEST_NAME = 500;

/** A name out of the address. @throws {NotFound} what can be the name of nothing */
export function named(c: Context, param: string): string {
  const name = c.req.param(param) ?? '';
  if (name.includes('\0') || name.length > LONGEST_NAME)
    throw new NotFound('There is nothing of such a name.');
  return name;
}

/** What is worth it is sent compressed; a stream of events is not held back for it. */
export const compressed = compress();
