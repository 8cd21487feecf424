// Cart and checkout made of blocks: what the cart earns, below the order's summary. No build step: wp and wc are there.
(function (wp, wc) {
  var checkout = wc && wc.blocksCheckout;
  if (!wp || !wp.plugins || !wp.element || !checkout) return;
  var slot = checkout.ExperimentalOrderMeta; // "Experimental": it may be gone one day
  if (!slot) return;
  var element = wp.element;

  /** The element gets its first lines with it; later ones go by the event that all elements hear. */
  function Cart(props) {
    var told = props.extensions && props.extensions.tessera;
    var lines = JSON.stringify((told && told.lines) || []);
    var drawn = element.useRef(lines);
    element.useEffect(
      function () {
        if (lines !== drawn.current) document.dispatchEvent(new CustomEvent('tessera:cart', { detail: told }));
        drawn.current = lines;
      },
      [lines],
    );
    var first = element.useRef(lines);
    return told ? element.createElement('tessera-cart', { currency: told.currency, lines: first.current }) : null;
  }

  wp.plugins.registerPlugin('tessera-loyalty', {
    scope: 'woocommerce-checkout',
    render: function () {
      return element.createElement(slot, null, element.createElement(Cart));
    },
  });
})(window.wp, window.wc);
