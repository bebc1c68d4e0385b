import type { Child } from 'hono/jsx';
import { CommandLine } from './marks.tsx';

/** What a page needs to offer something to do. */
export interface Acting {
  /** What a form carries to be taken for ours. */
  readonly form: string;
}

/** Several things to do, side by side. */
export function Acts({ children }: { children: Child }) {
  return <div class="acts">{children}</div>;
}

/** One thing to do: opened, it says what it does and what to type for the same; then comes the button that does it. */
export function Act({
  id,
  label,
  to,
  acting,
  cli,
  fields,
  tone = 'plain',
  children,
}: {
  id: string;
  label: string;
  /** Where it is sent. */
  to: string;
  acting: Acting;
  cli: string;
  fields?: Child;
  tone?: 'plain' | 'grave';
  children?: Child;
}) {
  return (
    <details class="act" id={`act-${id}`}>
      <summary>{label}</summary>
      <form method="post" action={to}>
        <input type="hidden" name="form" value={acting.form} />
        {children !== undefined && <p>{children}</p>}
        {fields}
        <p>
          <button id={`do-${id}`} class={tone}>
            {label}
          </button>
        </p>
        <p class="quiet">
          The same: <CommandLine>{cli}</CommandLine>
        </p>
      </form>
    </details>
  );
}

/** A choice of a form. */
export function Choice({
  id,
  name,
  label,
  options,
}: {
  id: string;
  name: string;
  label: string;
  options: readonly (readonly [value: string, text: string])[];
}) {
  return (
    <p>
      <label for={id}>{label}</label>
      <select id={id} name={name}>
        {options.map(([value, text]) => (
          <option value={value}>{text}</option>
        ))}
      </select>
    </p>
  );
}

/** A line of a form. */
export function Line({
  id,
  name,
  label,
  value,
  required,
  type = 'text',
}: {
  id: string;
  name: string;
  label: string;
  value?: string | undefined;
  required?: boolean;
  type?: 'text' | 'number' | 'password';
}) {
  return (
    <p>
      <label for={id}>{label}</label>
      <input id={id} name={name} type={type} value={value} required={required} autocomplete="off" />
    </p>
  );
}
