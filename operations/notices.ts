import type { Ledger, ToldIncident, WaitingStep } from '../connectors/ledger/port.ts';
import { receiversOf, type Profile } from '../profiles/profile.ts';

/** Somebody who was told, by what people call the address. */
export interface Told {
  readonly who: string;
  /** Null where it was told before times were put down. */
  readonly at: string | null;
}

/** Something that is not over, and who knows of it. */
export interface KnownIncident extends Omit<ToldIncident, 'told'> {
  readonly told: readonly Told[];
  /** Who wants to hear of it and has not. */
  readonly untold: readonly string[];
}

export interface NoticesNow {
  /** Whom the profile names; none: nothing is watched, and there are no incidents. */
  readonly receivers: readonly string[];
  /** The oldest first. */
  readonly incidents: readonly KnownIncident[];
  /** Steps that wait for a person, the oldest first. */
  readonly questions: readonly WaitingStep[];
}

const MOST_QUESTIONS = 200;

/** What is not over, who was told of it and when, and what waits for an answer. */
export async function noticesNow(
  ledger: Pick<Ledger, 'toldIncidents' | 'waiting'>,
  profile: Profile,
): Promise<NoticesNow> {
  const [incidents, waiting] = await Promise.all([
    ledger.toldIncidents(),
    ledger.waiting(MOST_QUESTIONS, 'approval: '),
  ]);
  const receivers = receiversOf(profile.notify ?? []);
  const called = new Map(receivers.map(({ name, label }) => [name, label]));
  return {
    receivers: receivers.map(({ label }) => label),
    incidents: incidents.map((incident) => {
      const { notice, told } = incident;
      const known = told.map(({ receiver }) => receiver);
      return {
        ...incident,
        told: told
          // Who did not want to hear of it is put down as well, so that nobody asks again.
          .filter(
            ({ receiver }) =>
              !notice || (receivers.find(({ name }) => name === receiver)?.wants(notice) ?? true),
          )
          .map(({ receiver, at }) => ({
            who: called.get(receiver) ?? `${receiver} (no longer in the profile)`,
            at,
          })),
        untold: notice
          ? receivers
              .filter(({ name, wants }) => wants(notice) && !known.includes(name))
              .map(({ label }) => label)
          : [],
      };
    }),
    questions: waiting,
  };
}
