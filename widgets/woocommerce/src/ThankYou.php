<?php
/**
 * After an order: what it earned; on its page in My Account, once it has arrived, a way to pass the shop on. WooCommerce
 * shows the first page to whoever has the order's key.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class ThankYou {

	public function hook(): void {
		add_action( 'woocommerce_thankyou', array( $this, 'draw' ) );
		add_action( 'woocommerce_view_order', array( $this, 'draw_share' ), 20 );
	}

	/**
	 * @param int|string $order_id The order that was placed.
	 */
	public function draw( $order_id ): void {
		if ( Connection::is_paired() && wc_get_order( $order_id ) ) {
			echo Element::html( 'earned', array( 'order' => (string) $order_id ) ); // phpcs:ignore WordPress.Security.EscapeOutput -- escaped there
		}
	}

	/**
	 * Its name and what it brings are the programme's: without `social_share` in it there is nothing.
	 *
	 * @param int|string $order_id The order that is looked at.
	 */
	public function draw_share( $order_id ): void {
		if ( ! Connection::is_paired() || ! wc_get_order( $order_id ) ) {
			return;
		}
		$told = array(
			'order' => (string) $order_id,
			'url'   => (string) wc_get_page_permalink( 'shop' ),
			'title' => (string) get_bloginfo( 'name' ),
		);
		echo Element::html( 'share', $told ); // phpcs:ignore WordPress.Security.EscapeOutput -- escaped there
	}
}
