<?php
/**
 * "Earn 399 points" under each product of a list: words alone, without a script.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class ShopLoop {

	public function hook(): void {
		add_action( 'woocommerce_after_shop_loop_item_title', array( $this, 'draw' ), 11 );
	}

	/** A product with variations has a lowest price: it earns at least so much, which the words do not say. */
	public function draw(): void {
		$product = Item::current();
		if ( $product && ! $product->is_type( array( 'variable', 'grouped' ) ) ) {
			echo Element::words( $product ); // phpcs:ignore WordPress.Security.EscapeOutput -- escaped there
		}
	}
}
