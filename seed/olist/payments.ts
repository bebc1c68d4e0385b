import type { Random } from '../random.ts';

/** One means of payment of an order; the amount in cents. */
export interface Payment {
  readonly sequential: number;
  readonly type: 'credit_card' | 'boleto' | 'voucher' | 'debit_card' | 'not_defined';
  readonly installments: number;
  readonly cents: number;
}

/** Pays exactly `total` cents: mostly at once, sometimes with a card and vouchers, rarely with many vouchers. */
export function pay(random: Random, total: number): readonly Payment[] {
  if (random.chance(970) || total < 100) return [payment(random, 1, random.weighted(TYPES), total)];
  const vouchers = random.weighted(VOUCHERS);
  const byVoucher = Array.from({ length: vouchers }, () =>
    random.between(1, Math.floor(total / (vouchers + 1))),
  );
  const rest = total - byVoucher.reduce((sum, cents) => sum + cents, 0);
  const first = random.chance(800) ? 'credit_card' : 'voucher';
  return [
    payment(random, 1, first, rest),
    ...byVoucher.map((cents, index) => payment(random, index + 2, 'voucher', cents)),
  ];
}

/** What is noted where an order never came to be paid. */
export function payNothing(): Payment {
  return { sequential: 1, type: 'not_defined', installments: 1, cents: 0 };
}

const TYPES: readonly (readonly [Payment['type'], number])[] = [
  ['credit_card', 753],
  ['boleto', 195],
  ['voucher', 37],
  ['debit_card', 15],
];
const VOUCHERS: readonly (readonly [number, number])[] = [
  [1, 82],
  [2, 10],
  [4, 6],
  [12, 2],
];
const INSTALLMENTS: readonly (readonly [number, number])[] = [
  [1, 330],
  [2, 160],
  [3, 136],
  [4, 92],
  [5, 68],
  [6, 51],
  [8, 55],
  [10, 69],
  [12, 2],
  [24, 1],
  [0, 1],
];

function payment(random: Random, sequential: number, type: Payment['type'], cents: number): Payment {
  return {
    sequential,
    type,
    installments: type === 'credit_card' ? random.weighted(INSTALLMENTS) : 1,
    cents,
  };
}
