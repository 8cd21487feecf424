<?php
/**
 * After an order: what it earned. WooCommerce shows the page to whoever has the order's key.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class ThankYou {

	public function hook(): void {
		add_action( 'woocommerce_thankyou', array( $this, 'draw' ) );
	}

	/**
	 * @param int|string $order_id The order that was placed.
	 */
	public function draw( $order_id ): void {
		if ( Connection::is_paired() && wc_get_order( $order_id ) ) {
			echo Element::html( 'earned', array( 'order' => (string) $order_id ) ); // phpcs:ignore WordPress.Security.EscapeOutput -- escaped there
		}
	}
}
