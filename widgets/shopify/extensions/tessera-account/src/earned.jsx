// After an order: what it will earn. A line is told as bought for what was paid for all of it, discounts taken off.
import '@shopify/ui-extensions/preact';
import { render } from 'preact';
import { ask } from './server.js';

/** "gid://shopify/Product/7" is 7 to us. */
const number = (gid) => gid.replace(/.*\//, '');

const told = ({ merchandise: { id, product }, cost: { totalAmount } }) => ({
  product_id: number(product.id),
  variant_id: number(id),
  vendor: product.vendor,
  quantity: 1,
  unit_price: `${totalAmount.amount}`,
});

export default async () => {
  const lines = shopify.lines.value;
  if (!lines.length) return;
  const currency = lines[0].cost.totalAmount.currencyCode;
  const answer = await ask('earned', { currency, lines: lines.map(told) });
  if (answer?.text) render(<s-banner tone="success" heading={answer.text} />, document.body);
};
