<?php
/**
 * Plugin Name: WooCommerce
 * Version: 10.5.0
 *
 * Stands in for WooCommerce: its names and the shapes that our plugin uses, written from its documentation. Products
 * are posts, orders and coupons live in options, the cart in a user's option or a cookie's.
 */

namespace Automattic\WooCommerce\Utilities {
	class FeaturesUtil {
		public static $declared = array();
		public static function declare_compatibility( $feature, $file, $positive = true ) {
			self::$declared[ $feature ] = array( plugin_basename( $file ), $positive );
			return true;
		}
	}
}

namespace {
	require_once __DIR__ . '/objects.php';
	require_once __DIR__ . '/functions.php';
	require_once __DIR__ . '/pages.php';
	require_once __DIR__ . '/store-api.php';

	add_action( 'plugins_loaded', static function () { do_action( 'before_woocommerce_init' ); }, 0 );
	add_action( 'plugins_loaded', static function () { do_action( 'woocommerce_blocks_loaded' ); }, 20 );
}
