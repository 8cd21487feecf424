<?php
/**
 * A product's points on its page. Block themes fire the same hooks.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class ProductPage {

	public function hook(): void {
		add_action( 'woocommerce_before_add_to_cart_button', array( $this, 'draw' ) );
		add_filter( 'woocommerce_available_variation', array( $this, 'of_variation' ), 10, 3 );
	}

	/** Inside the form that buys it. */
	public function draw(): void {
		$product = Item::current();
		if ( Connection::is_paired() && $product && $product->is_purchasable() ) {
			echo Element::product( $product, 'form.cart' ); // phpcs:ignore WordPress.Security.EscapeOutput -- escaped there
		}
	}

	/**
	 * @param array<string, mixed>|false $told      What WooCommerce's script knows of the variation.
	 * @param \WC_Product                $parent    The product.
	 * @param \WC_Product                $variation The variation.
	 */
	public function of_variation( $told, $parent, $variation ) {
		if ( is_array( $told ) && Connection::is_paired() ) {
			$item            = Item::of( $variation );
			$table           = Table::now();
			$told['tessera'] = array(
				'attributes' => array(
					'variant-id' => (string) $item['variant'],
					'price'      => $item['price'],
				),
				'text'       => null === $table ? '' : Element::text( $table, $item ),
			);
		}
		return $told;
	}
}
