<?php
/**
 * What uninstalling takes away: options, jobs, and our notes on products, members and orders.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Cleaning {

	private const OPTIONS = array( 'tessera_loyalty_connection', 'tessera_loyalty_server', 'tessera_loyalty_table', 'tessera_loyalty_announcement' );

	private const JOBS = array( 'tessera_loyalty_refresh', 'tessera_loyalty_signal' );

	/** Of products, in post meta, which is where WooCommerce keeps products. */
	private const OF_PRODUCTS = array( '_tessera_only', '_tessera_opens_at' );

	private const OF_ORDERS = array( '_tessera_arm', '_tessera_referral', '_tessera_delivered_at' );

	/** A shop that does not let its notes be taken off is not asked for ever. */
	private const MOST_ORDERS = 1000000;

	public static function all(): void {
		foreach ( is_multisite() ? get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) : array( 0 ) as $site ) {
			$site && switch_to_blog( $site );
			self::here();
			$site && restore_current_blog();
		}
		delete_metadata( 'user', 0, '_tessera_member', '', true );
	}

	private static function here(): void {
		array_map( 'delete_option', self::OPTIONS );
		foreach ( self::JOBS as $job ) {
			wp_unschedule_hook( $job );
			function_exists( 'as_unschedule_all_actions' ) && as_unschedule_all_actions( $job );
		}
		delete_metadata( 'user', 0, $GLOBALS['wpdb']->get_blog_prefix() . 'tessera_member', '', true );
		foreach ( self::OF_PRODUCTS as $key ) {
			delete_post_meta_by_key( $key );
		}
		self::orders();
		delete_option( 'rewrite_rules' ); // made anew with the next page, without ours
	}

	/** Orders may live in tables of their own: WooCommerce takes their notes off, where it is still there. */
	private static function orders(): void {
		if ( ! function_exists( 'wc_get_orders' ) ) {
			array_map( 'delete_post_meta_by_key', self::OF_ORDERS );
			return;
		}
		foreach ( self::OF_ORDERS as $key ) {
			$with = array( 'limit' => 100, 'meta_key' => $key, 'meta_compare' => 'EXISTS', 'type' => 'shop_order' ); // phpcs:ignore WordPress.DB.SlowDBQuery
			for ( $left = self::MOST_ORDERS, $found = array( 0 ); $found && $left > 0; $left -= 100 ) {
				$found = wc_get_orders( $with );
				foreach ( $found as $order ) {
					$order->delete_meta_data( $key );
					$order->save_meta_data();
				}
			}
		}
	}
}
