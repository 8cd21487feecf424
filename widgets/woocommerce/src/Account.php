<?php
/**
 * "Points" in My Account.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Account {

	private const PAGE = 'tessera-points';

	public function hook(): void {
		add_action( 'init', array( self::class, 'add_endpoint' ) );
		add_filter( 'woocommerce_get_query_vars', array( $this, 'query_vars' ) );
		add_filter( 'woocommerce_account_menu_items', array( $this, 'menu' ) );
		add_filter( 'woocommerce_endpoint_' . self::PAGE . '_title', array( $this, 'title' ) );
		add_action( 'woocommerce_account_' . self::PAGE . '_endpoint', array( $this, 'draw' ) );
	}

	public static function add_endpoint(): void {
		add_rewrite_endpoint( self::PAGE, EP_ROOT | EP_PAGES );
	}

	/**
	 * @param array<string, string> $known WooCommerce's own.
	 */
	public function query_vars( $known ) {
		$known[ self::PAGE ] = self::PAGE;
		return $known;
	}

	/**
	 * Before the way out, which is the last of the menu.
	 *
	 * @param array<string, string> $items
	 */
	public function menu( $items ) {
		if ( ! Connection::is_paired() ) {
			return $items;
		}
		$out = isset( $items['customer-logout'] ) ? array( 'customer-logout' => $items['customer-logout'] ) : array();
		unset( $items['customer-logout'] );
		return $items + array( self::PAGE => $this->title() ) + $out;
	}

	public function title(): string {
		return __( 'Points', 'tessera-loyalty' );
	}

	public function draw(): void {
		if ( Connection::is_paired() ) {
			echo Element::html( 'panel', array( 'inline' => 'inline' ) ); // phpcs:ignore WordPress.Security.EscapeOutput -- escaped there
		}
	}
}
