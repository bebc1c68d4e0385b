import { userInfo } from 'node:os';
import type { Action } from '../connectors/ledger/port.ts';
import type { Session } from './session.ts';

/** Who uses the command line, by the operating system's word. */
export function whoAmI(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? `user ${process.getuid?.() ?? 'unknown'}`; // in a container, a number without name
  }
}

/** Puts down what somebody has done, once it is done. */
export async function act(
  { ledger }: Pick<Session, 'ledger'>,
  action: Omit<Action, 'actor'> & { readonly actor?: string },
): Promise<void> {
  await ledger.recordAction({ actor: whoAmI(), ...action });
}
