<?php
/**
 * What WooCommerce wants to know of a plugin before it switches its newer ways on.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Compatibility {

	private const FEATURES = array( 'custom_order_tables', 'cart_checkout_blocks' );

	/** WooCommerce asks while plugins are loaded: sooner than our other parts are. */
	public static function declare_early(): void {
		add_action( 'before_woocommerce_init', array( self::class, 'tell' ) );
	}

	public static function tell(): void {
		if ( ! class_exists( '\Automattic\WooCommerce\Utilities\FeaturesUtil' ) ) {
			return;
		}
		foreach ( self::FEATURES as $feature ) {
			\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( $feature, Plugin::file(), true );
		}
	}

	public function hook(): void {
		add_action( 'init', array( $this, 'words' ) );
	}

	public function words(): void {
		load_plugin_textdomain( 'tessera-loyalty', false, dirname( plugin_basename( Plugin::file() ) ) . '/languages' );
	}
}
