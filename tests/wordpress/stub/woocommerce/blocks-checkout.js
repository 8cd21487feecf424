// Stands in for WooCommerce's cart block: its store, its slot below the order's summary, and what fills are handed.
(function (wp) {
  const { createElement: el, createRoot, cloneElement, Children } = wp.element;
  const call = async (path, body) => {
    const found = await fetch('/wp-json/wc/store/v1/' + path, body && { method: 'POST', headers: { 'Content-Type': 'application/json', Nonce: window.stubNonce }, body: JSON.stringify(body) });
    window.stubNonce = found.headers.get('Nonce') || window.stubNonce;
    const told = await found.json();
    if (!found.ok) throw told;
    return told;
  };
  const got = (cart) => ({ type: 'GOT', cart });
  wp.data.register(
    wp.data.createReduxStore('wc/store/cart', {
      reducer: (state = {}, action) => (action.type === 'GOT' ? action.cart : state),
      selectors: { getCartData: (state) => state },
      actions: {
        load: () => async ({ dispatch }) => dispatch(got(await call('cart'))),
        applyCoupon: (code) => async ({ dispatch }) => dispatch(got(await call('cart/apply-coupon', { code }))),
        got,
      },
    }),
  );
  const { Fill, Slot } = wp.components.createSlotFill('__experimentalOrderMeta');
  const ExperimentalOrderMeta = ({ children }) =>
    el(Fill, null, (handed) => Children.map(children, (child) => cloneElement(child, handed)));
  const Cart = () => {
    const cart = wp.data.useSelect((select) => select('wc/store/cart').getCartData(), []);
    const handed = { cart, extensions: cart.extensions || {}, context: 'woocommerce/cart' };
    const slot = el(Slot, { fillProps: handed, bubblesVirtually: false });
    return el(wp.components.SlotFillProvider, null, el('h2', null, 'Cart totals'), slot, el(wp.plugins.PluginArea, { scope: 'woocommerce-checkout' }));
  };
  window.wc = {
    blocksCheckout: {
      ExperimentalOrderMeta,
      extensionCartUpdate: async (body) => wp.data.dispatch('wc/store/cart').got(await call('cart/extensions', body)),
    },
  };
  addEventListener('DOMContentLoaded', () => {
    for (const place of document.querySelectorAll('.wc-block-cart')) {
      createRoot(place).render(el(Cart));
      wp.data.dispatch('wc/store/cart').load();
    }
  });
})(window.wp);
