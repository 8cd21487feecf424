<?php
/**
 * What goes along with a cart and is noted on its order: which variant of the points display the shopper saw, and the
 * friend's code that she came with.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class OrderNotes {

	/** What the page's script calls it, and the order's meta. */
	private const METAS = array(
		'arm'      => '_tessera_arm',
		'referral' => '_tessera_referral',
	);

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
		foreach ( self::METAS as $name => $meta ) {
			$word = is_array( $told ) ? ( $told[ $name ] ?? null ) : null;
			if ( is_string( $word ) && preg_match( '/^[A-Za-z0-9:._-]{1,130}$/D', $word ) && WC()->session ) {
				WC()->session->set( substr( $meta, 1 ), $word );
			}
		}
	}

	/**
	 * @param \WC_Order $order The order that is being made; whoever makes it saves it.
	 */
	public function note( $order ): void {
		foreach ( self::METAS as $meta ) {
			$word = WC()->session ? WC()->session->get( substr( $meta, 1 ) ) : null;
			if ( is_string( $word ) && '' !== $word ) {
				$order->update_meta_data( $meta, $word );
			}
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
