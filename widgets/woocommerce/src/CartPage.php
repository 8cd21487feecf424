<?php
/**
 * What a cart earns: on the cart, in the small one, and at the checkout, where they are not made of blocks.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class CartPage {

	private const PLACES = array(
		'woocommerce_before_cart_totals',
		'woocommerce_widget_shopping_cart_before_buttons',
		'woocommerce_review_order_before_payment',
	);

	public function hook(): void {
		foreach ( self::PLACES as $place ) {
			add_action( $place, array( $this, 'draw' ) );
		}
	}

	/** Whether the page is a cart or a checkout, of either kind. */
	public static function is_here(): bool {
		return is_cart() || is_checkout() || Blocks::are_here();
	}

	/** A cart's lines are its own browser's. WooCommerce lets the browser keep the small one: its points are the script's. */
	public function draw(): void {
		if ( ! Connection::is_paired() || ! WC()->cart || WC()->cart->is_empty() ) {
			return;
		}
		$told       = Basket::now();
		$attributes = array(
			'currency' => $told['currency'],
			'lines'    => (string) wp_json_encode( $told ),
		);
		$mini = 'woocommerce_widget_shopping_cart_before_buttons' === current_action();
		$text = $mini ? '' : self::text();
		$line = '' === $text ? '' : sprintf( '<p>%s</p>', esc_html( $text ) );
		if ( $mini ) {
			$attributes['mini'] = 'mini';
		} elseif ( '' !== $line && ! is_user_logged_in() ) { // she may have a reward
			$attributes['drawn'] = 'drawn';
		} else {
			Starter::want( 'cart' );
		}
		echo Element::around( 'cart', $attributes, $line ); // phpcs:ignore WordPress.Security.EscapeOutput -- escaped there
	}

	/** What this cart earns in words; empty: nothing, or the table does not tell. */
	private static function text(): string {
		$table = Table::now();
		$items = null === $table ? null : Basket::items();
		return null === $items ? '' : Sentence::cart( $table, Points::of_cart( $table, $items, Member::tier() ) );
	}
}
