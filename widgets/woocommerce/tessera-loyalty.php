<?php
/**
 * Plugin Name: Tessera Loyalty for WooCommerce
 * Description: Loyalty points on product pages, in the cart and at checkout, for both classic and block themes. Needs a Tessera server, yours or a host's.
 * Version: 1.0.0
 * Requires at least: 6.2
 * Requires PHP: 7.4
 * Requires Plugins: woocommerce
 * WC requires at least: 7.9
 * WC tested up to: 10.5
 * License: GPL-3.0-or-later
 * License URI: https://www.gnu.org/licenses/gpl-3.0.html
 * Text Domain: tessera-loyalty
 * Domain Path: /languages
 *
 * The server that this plugin speaks to is Apache-2.0, which goes together with version 3 of the GPL, not with 2.
 *
 * @package TesseraLoyalty
 */

defined( 'ABSPATH' ) || exit;

spl_autoload_register(
	static function ( $name ) {
		if ( 0 === strpos( $name, 'TesseraLoyalty\\' ) ) {
			require __DIR__ . '/src/' . substr( $name, 15 ) . '.php';
		}
	}
);

TesseraLoyalty\Plugin::start( __FILE__ );
