// Stands in for WooCommerce's form of variations: it tells which one is chosen.
jQuery(function ($) {
  $('form.variations_form').each(function () {
    const form = $(this);
    const known = form.data('product_variations');
    form.find('select').on('change', function () {
      const chosen = known.find((one) => one.attributes.attribute_size === this.value);
      if (chosen) form.find('[name=variation_id]').val(chosen.variation_id);
      chosen ? form.trigger('found_variation', [chosen]) : form.trigger('reset_data');
    });
  });
});
