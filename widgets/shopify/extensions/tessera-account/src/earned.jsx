// After an order: what it will earn, and for a guest how to get it. A line is told as bought for what was paid for all of
// it, discounts taken off.
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
  if (answer?.text) render(<Earned {...answer} />, document.body);
};

function Earned({ text, join }) {
  const { storefrontUrl, myshopifyDomain } = shopify.shop;
  const account = new URL('/account', storefrontUrl || `https://${myshopifyDomain}`).href;
  return (
    <s-banner tone="success" heading={text}>
      {join && (
        <s-stack gap="base">
          <s-text>{shopify.i18n.translate('join')}</s-text>
          <s-link href={account}>{shopify.i18n.translate('account')}</s-link>
        </s-stack>
      )}
    </s-banner>
  );
}
