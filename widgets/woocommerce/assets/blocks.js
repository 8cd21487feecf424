// Cart and checkout made of blocks: what the cart earns, below the order's summary. No build step: wp and wc are there.
(function (wp, wc) {
  var checkout = wc && wc.blocksCheckout;
  if (!wp || !wp.plugins || !wp.element || !checkout) return;
  var slot = checkout.ExperimentalOrderMeta; // "Experimental": it may be gone one day
  if (!slot) return;
  var element = wp.element;

  /** The element gets its first lines with it; later ones go by the event that all elements hear. */
  function Cart(props) {
    var lines = JSON.stringify(props.told);
    var first = element.useRef(lines);
    var last = element.useRef(lines);
    element.useEffect(
      function () {
        if (lines !== last.current) document.dispatchEvent(new CustomEvent('tessera:cart', { detail: props.told }));
        last.current = lines;
      },
      [lines],
    );
    return element.createElement('tessera-cart', { currency: props.told.currency, lines: first.current });
  }

  /** WooCommerce hands a fill the cart's extensions: none before the cart is there. */
  function Fill(props) {
    var told = props.extensions && props.extensions.tessera;
    return told && told.lines ? element.createElement(Cart, { told: told }) : null;
  }

  wp.plugins.registerPlugin('tessera-loyalty', {
    scope: 'woocommerce-checkout',
    render: function () {
      return element.createElement(slot, null, element.createElement(Fill));
    },
  });
})(window.wp, window.wc);
