// "My points" on a customer's own pages: the balance, the tier, the way to the next reward, the latest entries.
import '@shopify/ui-extensions/preact';
import { render } from 'preact';
import { ask } from './server.js';

const LATEST = 5;

export default async () => {
  const [me, history] = await Promise.all([ask('me'), ask('entries')]);
  if (me) render(<Points me={me} entries={history?.data || []} />, document.body);
};

const signed = (points) => `${points > 0 ? '+' : ''}${shopify.i18n.formatNumber(points)}`;

function Points({ me: { text, tier, way }, entries }) {
  return (
    <s-section heading={shopify.i18n.translate('title')}>
      <s-stack gap="base">
        <s-heading>{text.available}</s-heading>
        {text.note && <s-text color="subdued">{text.note}</s-text>}
        {tier && <s-text>{tier.sentence || tier.name}</s-text>}
        {way && <s-text>{way.text}</s-text>}
        {entries.length > 0 && <s-divider />}
        {entries.slice(0, LATEST).map(({ at, points, sentence }) => (
          <s-stack key={at + sentence} direction="inline" gap="base">
            <s-text type="strong">{signed(points)}</s-text>
            <s-text color="subdued">{sentence}</s-text>
          </s-stack>
        ))}
      </s-stack>
    </s-section>
  );
}
