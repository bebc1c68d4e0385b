import { userInfo } from 'node:os';
import { messageOf } from '../core/errors.ts';
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

/** Puts down what somebody has done, once it is done: where that cannot be written, it is done all the same, and said. */
export async function act(
  { ledger }: Pick<Session, 'ledger'>,
  action: Omit<Action, 'actor'> & { readonly actor?: string },
): Promise<void> {
  try {
    await ledger.recordAction({ actor: whoAmI(), ...action });
  } catch (error) {
    process.stderr.write(`not written down in 'sluice actions': ${messageOf(error)}\n`);
  }
}
