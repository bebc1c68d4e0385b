import { generateOlist } from '../olist/generate.ts';
import { Random } from '../random.ts';

const HEADER = 'session_id,event_timestamp,event_type,userid,product_id,category_id';
const MINUTE_MS = 60_000;
const LEAVES_PER_MILLE = 300; // customers who take something out of the cart
const COMES_BACK_PER_MILLE = 100; // of these, who buy it after all
const UNKNOWN_PER_MILLE = 20; // events without a category, as in the real files

/** What customers of the shop of this size and seed have done before they bought, as CSV with CRLF, by year. */
export function generateFunnel(orders: number, seed: number): ReadonlyMap<number, string> {
  const shop = generateOlist(orders, seed);
  const products = [...shop.products()].map((row) => [String(row[0]), String(row[1] ?? '')] as const);
  const categoryOf = new Map(products);
  const purchases = new Map<string, { readonly customer: string; readonly at: number }>();
  for (const [order, customer, , at] of shop.orders())
    purchases.set(String(order), {
      customer: String(customer),
      at: Date.parse(`${String(at).replace(' ', 'T')}Z`),
    });
  const years = new Map<number, string[]>();
  let n = 0;
  for (const [order, line, product] of shop.order_items()) {
    const purchase = purchases.get(String(order));
    if (!purchase) continue;
    const random = new Random(seed, 'funnel', (n += 1));
    const event = (type: string, minutes: number, what: string) => {
      const at = new Date(purchase.at + minutes * MINUTE_MS);
      const category = random.chance(UNKNOWN_PER_MILLE) ? '' : (categoryOf.get(what) ?? '');
      const lines = years.get(at.getUTCFullYear()) ?? [HEADER];
      lines.push([random.id(), clock(at), type, purchase.customer, what, category].join(','));
      years.set(at.getUTCFullYear(), lines);
    };
    const bought = String(product);
    event('view', -20, bought);
    event('add_to_cart', -10, bought);
    event('purchase', 0, bought);
    if (line !== 1 || !random.chance(LEAVES_PER_MILLE)) continue;
    const [left] = random.pick(products);
    event('view', -18, left);
    event('add_to_cart', -15, left);
    event('remove_from_cart', -5, left);
    if (random.chance(COMES_BACK_PER_MILLE)) event('purchase', 5, left);
  }
  return new Map(
    [...years].sort(([a], [b]) => a - b).map(([year, lines]) => [year, `${lines.join('\r\n')}\r\n`]),
  );
}

/** `10/14/2016 09:28 PM` */
function clock(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const hour = at.getUTCHours();
  const date = `${two(at.getUTCMonth() + 1)}/${two(at.getUTCDate())}/${at.getUTCFullYear()}`;
  return `${date} ${two(hour % 12 || 12)}:${two(at.getUTCMinutes())} ${hour < 12 ? 'AM' : 'PM'}`;
}
