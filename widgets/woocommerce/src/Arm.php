<?php
/**
 * Which variant of the points display a shopper saw: kept with her cart, and noted on the order.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Arm {

	private const META = '_tessera_arm';

	private const KEPT = 'tessera_arm';

	public function hook(): void {
		add_action( 'woocommerce_checkout_create_order', array( $this, 'note' ) );
		add_action( 'woocommerce_store_api_checkout_update_order_meta', array( $this, 'note_and_save' ) );
	}

	/**
	 * Anyone can send this: it is a short word or it is nothing.
	 *
	 * @param mixed $told What the script sends through the Store API.
	 */
	public static function remember( $told ): void {
		$arm = is_array( $told ) ? ( $told['arm'] ?? null ) : null;
		if ( is_string( $arm ) && preg_match( '/^[A-Za-z0-9:._-]{1,130}$/D', $arm ) && WC()->session ) {
			WC()->session->set( self::KEPT, $arm );
		}
	}

	/**
	 * @param \WC_Order $order The order that is being made; whoever makes it saves it.
	 */
	public function note( $order ): void {
		$arm = WC()->session ? WC()->session->get( self::KEPT ) : null;
		if ( is_string( $arm ) && '' !== $arm ) {
			$order->update_meta_data( self::META, $arm );
		}
	}

	/**
	 * @param \WC_Order $order The order that the Store API has made already.
	 */
	public function note_and_save( $order ): void {
		$this->note( $order );
		$order->save_meta_data();
	}
}
