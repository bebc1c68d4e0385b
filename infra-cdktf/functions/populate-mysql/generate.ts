import { pick, random, wholeNumber, type Random } from './random.ts';

export interface Size {
  readonly clients: number;
  readonly salesPeople: number;
  readonly sales: number;
  readonly seed: number;
}

export type Row = readonly (string | number)[];
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const firstNames = [
  'Ana',
  'João',
  'Maria',
  'José',
  'Antônio',
  'Francisca',
  'Luís',
  'Conceição',
  'Caio',
  'Inês',
  'Otávio',
  'Letícia',
];
const lastNames = [
  'Silva',
  'Souza',
  'Araújo',
  'Gonçalves',
  'Magalhães',
  'Conceição',
  'Brandão',
  'Vieira',
  'Falcão',
  'Assunção',
];
const cities = [
  ['São Paulo', 'SP'],
  ['Rio de Janeiro', 'RJ'],
  ['Belém', 'PA'],
  ['Goiânia', 'GO'],
  ['Florianópolis', 'SC'],
  ['Maceió', 'AL'],
] as const;
const products = [
  'Café torrado',
  'Pão de queijo',
  'Açaí',
  'Rapadura',
  'Goiabada',
  'Erva-mate',
  'Farinha de mandioca',
  'Doce de leite',
];
const firstDay = Date.UTC(2023, 0, 1);
const days = 730;
const dayMs = 86_400_000;

/** The retail tables with Brazilian names; the same size and seed give the same rows. */
export function generate(size: Size): Table[] {
  const next = random(size.seed);
  const ids = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
  const prices = products.map(() => wholeNumber(next, 500, 9000) / 100);
  const sales = ids(size.sales);
  return [
    {
      name: 'clients',
      columns: ['client_id', 'first_name', 'last_name', 'birth_date'],
      rows: ids(size.clients).map((id) => [id, ...person(next), birthDate(next)]),
    },
    {
      name: 'client_addresses',
      columns: ['address_id', 'client_id', 'street', 'city', 'state'],
      rows: ids(size.clients).map((id) => [
        id,
        id,
        `Rua ${pick(next, lastNames)}, ${wholeNumber(next, 1, 2000)}`,
        ...pick(next, cities),
      ]),
    },
    {
      name: 'sales_people',
      columns: ['sales_person_id', 'first_name', 'last_name'],
      rows: ids(size.salesPeople).map((id) => [id, ...person(next)]),
    },
    {
      name: 'products',
      columns: ['product_id', 'name', 'price'],
      rows: products.map((name, index) => [index + 1, name, prices[index] ?? 0]),
    },
    {
      name: 'sales',
      columns: ['sale_id', 'client_id', 'sales_person_id', 'sold_at'],
      rows: sales.map((id) => [
        id,
        wholeNumber(next, 1, size.clients),
        wholeNumber(next, 1, size.salesPeople),
        saleTime(next),
      ]),
    },
    {
      name: 'sales_items',
      columns: ['sale_id', 'line', 'product_id', 'quantity', 'unit_price'],
      rows: sales.flatMap((sale) =>
        ids(wholeNumber(next, 1, 4)).map((line) => item(next, sale, line, prices)),
      ),
    },
  ];
}

function person(next: Random): [string, string] {
  return [pick(next, firstNames), `${pick(next, lastNames)} ${pick(next, lastNames)}`];
}

function birthDate(next: Random): string {
  return new Date(Date.UTC(wholeNumber(next, 1940, 2015), 0, wholeNumber(next, 1, 365)))
    .toISOString()
    .slice(0, 10);
}

function saleTime(next: Random): string {
  const at =
    firstDay + wholeNumber(next, 0, days - 1) * dayMs + wholeNumber(next, 0, dayMs / 1000 - 1) * 1000;
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

function item(next: Random, sale: number, line: number, prices: readonly number[]): Row {
  const product = wholeNumber(next, 1, prices.length);
  return [sale, line, product, wholeNumber(next, 1, 10), prices[product - 1] ?? 0];
}
