import type { Client, Connection } from '@temporalio/client';
import type { Ledger } from '../connectors/ledger/port.ts';
import type { Profile } from '../profiles/profile.ts';

/** What people's doors (the command line, the pages) work with. */
export interface Session {
  readonly profile: Profile;
  readonly temporal: Client;
  readonly connection: Connection;
  readonly ledger: Ledger;
  /** What runs ends with the command, as the stack does that it has started. */
  readonly endsWithCommand?: boolean;
}
