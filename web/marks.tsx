import type { Child } from 'hono/jsx';
import type { Freshness } from '../core/freshness.ts';
import type { StepOutcome } from '../core/run.ts';

/** What something stands at; what is not told by a colour alone is told by its glyph, and in words to who hears the page. */
export type Tone = StepOutcome | 'waiting' | 'missing' | 'warning' | 'none';

const GLYPHS: Readonly<Record<Tone, string>> = {
  succeeded: '✓',
  failed: '✗',
  cancelled: '⊘',
  running: '…',
  skipped: '–',
  waiting: '‖',
  missing: '·',
  warning: '!',
  none: '',
};

/** A small square: of an interval, a step, an attempt. A link where there is more to see. */
export function Square({ tone, label, href }: { tone: Tone; label: string; href?: string | undefined }) {
  const glyph = <span aria-hidden="true">{GLYPHS[tone]}</span>;
  return href === undefined ? (
    <span class={`sq ${tone}`} role="img" aria-label={label} title={label}>
      {glyph}
    </span>
  ) : (
    <a class={`sq ${tone}`} href={href} aria-label={label} title={label}>
      {glyph}
    </a>
  );
}

/** A word with the colour of what it says. */
export function Badge({ tone, children }: { tone: Tone; children: Child }) {
  return (
    <span class={`badge ${tone}`}>
      {GLYPHS[tone] && <span aria-hidden="true">{GLYPHS[tone]} </span>}
      {children}
    </span>
  );
}

/** A name or message that somebody else has written: it keeps its direction to itself, and breaks where it must. */
export function Text({ children }: { children: string }) {
  return <bdi class="text">{children}</bdi>;
}

/** What to type for the same. */
export function CommandLine({ children }: { children: string }) {
  return <code class="cli">{children}</code>;
}

/** What is wider than the page scrolls in a box of its own, which a keyboard reaches. */
export function Wide({ label, children }: { label: string; children: Child }) {
  return (
    <div class="wide" role="group" aria-label={label} tabindex={0}>
      {children}
    </div>
  );
}

/** One of the facts at the head of a page; stands in a `dl` of the class `facts`. */
export function Fact({ name, children }: { name: string; children: Child }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** How old data are, by the limits of their pipeline. */
export function Fresh({ state }: { state: Freshness['state'] }) {
  if (state === 'fresh') return <Badge tone="succeeded">fresh</Badge>;
  if (state === 'never') return <Badge tone="none">never loaded</Badge>;
  return state === 'warn' ? <Badge tone="warning">getting stale</Badge> : <Badge tone="failed">stale</Badge>;
}
