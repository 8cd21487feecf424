/** What Shopify gives to our blocks: what pages of an account and the thank-you page both have, and the order's lines. */
type Profile = import('@shopify/ui-extensions/customer-account.profile.block.render').Api;
type Orders = import('@shopify/ui-extensions/customer-account.order-index.block.render').Api;
type Thanks = import('@shopify/ui-extensions/purchase.thank-you.block.render').Api;
type Common = 'i18n' | 'sessionToken' | 'localization';

declare const shopify: Pick<Profile, Common> & Pick<Orders, Common> & Pick<Thanks, Common | 'lines' | 'shop'>;
