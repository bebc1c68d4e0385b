/** A place in PostgreSQL's log as text of fixed width, `00000000/016B3748`: PostgreSQL reads it, and it sorts as the place does. */
export type Lsn = string;

export function lsnText(lsn: bigint): Lsn {
  const hex = lsn.toString(16).toUpperCase().padStart(16, '0');
  return `${hex.slice(0, 8)}/${hex.slice(8)}`;
}

/** @param text as PostgreSQL writes it, `0/16B3748` */
export function lsnOf(text: string): bigint {
  const [, high = '', low = ''] = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text) ?? [];
  if (!high) throw new Error(`'${text}' is no place in PostgreSQL's log`);
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
