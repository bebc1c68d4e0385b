import type { Random } from '../random.ts';

export interface Opinion {
  readonly score: number;
  readonly title: string | null;
  readonly message: string | null;
}

/** What a customer says about an order that came on time, or late, or never. */
export function opine(random: Random, satisfied: boolean): Opinion {
  const score = random.weighted(satisfied ? SCORES : SCORES_WHEN_LATE);
  return {
    score,
    title: random.chance(120) ? random.pick(score > 3 ? GOOD_TITLES : BAD_TITLES) : null,
    message: random.chance(410) ? message(random, score > 3) : null,
  };
}

/** The message number `index` of those that break careless readers; they come round again. */
export function oddMessage(index: number): string {
  return ODDITIES[index % ODDITIES.length] ?? '';
}

const SCORES: readonly (readonly [number, number])[] = [
  [5, 61],
  [4, 21],
  [3, 8],
  [2, 3],
  [1, 7],
];
const SCORES_WHEN_LATE: readonly (readonly [number, number])[] = [
  [5, 18],
  [4, 12],
  [3, 12],
  [2, 9],
  [1, 49],
];

function message(random: Random, content: boolean): string {
  const sentences = content ? GOOD_SENTENCES : BAD_SENTENCES;
  const count = random.between(1, 4);
  const chosen = Array.from({ length: count }, () => random.pick(sentences));
  return chosen.join(random.weighted(JOINTS));
}

/** People press Enter, on Windows too. */
const JOINTS: readonly (readonly [string, number])[] = [
  [' ', 70],
  ['\n', 12],
  ['\r\n', 12],
  ['\n\n', 6],
];
const GOOD_TITLES = [
  'Recomendo',
  'Muito bom',
  'ótimo ',
  'Excelente!',
  '10',
  'Adorei 😍',
  '"Nota dez"',
  '👏👏👏',
];
const BAD_TITLES = [
  'Não recomendo',
  'Péssimo',
  'Atraso',
  'Produto errado',
  ' ',
  'Decepção 😡',
  '1/10',
  "D'água",
];
const GOOD_SENTENCES = [
  'Chegou antes do prazo.',
  'Produto muito bom, igual à foto.',
  'Entrega rápida e bem embalada!',
  'Loja de confiança; comprarei de novo.',
  'Ótima qualidade, meu filho amou ❤️',
  'Tudo certo "como descrito".',
  'Recomendo a todos 👍🏽',
  'Atendeu às expectativas, ótimo preço.',
];
const BAD_SENTENCES = [
  'Ainda não recebi o produto.',
  'Veio faltando uma peça, e ninguém responde.',
  'Comprei 2 e só chegou 1.',
  'A cor é diferente da anunciada…',
  'Péssimo atendimento!!! 😠',
  'O produto veio quebrado; quero meu dinheiro de volta.',
  'Disseram "amanhã" três vezes.',
  'Não é original.',
];
/** Empty beside unset, blank, control characters, markup, a leading U+FEFF. */
const ODDITIES = [
  '',
  ' ',
  '\n',
  '\r\n',
  '.',
  'NULL',
  '\\N',
  '\\.',
  'bom\tproduto\\\\',
  '"',
  '""',
  ',;|\t,',
  "Robert'); --",
  '<b>bom</b> & barato',
  '\ufeffmuito bom',
  'e\u0301 bom',
  '👩‍👩‍👧‍👦🇧🇷',
  '商品很好',
  'linha 1\nlinha 2, "entre aspas"\r\nlinha 3\n',
];
