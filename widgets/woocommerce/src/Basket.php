<?php
/**
 * The cart in the words of the server: its lines as the order will tell them.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Basket {

	/**
	 * @return array{currency: string, lines: array<int, array<string, mixed>>, discount_codes: string[]}
	 */
	public static function now(): array {
		$cart = function_exists( 'WC' ) ? WC()->cart : null;
		return array(
			'currency'       => get_woocommerce_currency(),
			'lines'          => $cart ? array_values( array_map( array( self::class, 'line' ), $cart->get_cart() ) ) : array(),
			'discount_codes' => $cart ? array_values( array_map( 'strval', $cart->get_applied_coupons() ) ) : array(),
		);
	}

	/**
	 * The same lines as the earn table reads them, each with what is paid for it. A code may be one that a campaign waits
	 * for: null, the server knows.
	 *
	 * @return array<int, array<string, mixed>>|null
	 */
	public static function items(): ?array {
		$cart = WC()->cart;
		return $cart->get_applied_coupons() ? null : array_map( array( self::class, 'item' ), array_values( $cart->get_cart() ) );
	}

	/**
	 * @param array<string, mixed> $row One line of WooCommerce's cart.
	 * @return array<string, mixed>
	 */
	private static function item( array $row ): array {
		return array( 'price' => self::text( self::amounts( $row )['net'] ) ) + Item::of( $row['data'] );
	}

	/**
	 * @param array<string, mixed> $row One line of WooCommerce's cart.
	 * @return array{gross: int, net: int}
	 */
	private static function amounts( array $row ): array {
		$with_tax = wc_prices_include_tax();
		return array(
			'gross' => self::minor( $row['line_subtotal'] ?? 0 ) + ( $with_tax ? self::minor( $row['line_subtotal_tax'] ?? 0 ) : 0 ),
			'net'   => self::minor( $row['line_total'] ?? 0 ) + ( $with_tax ? self::minor( $row['line_tax'] ?? 0 ) : 0 ),
		);
	}

	/**
	 * @param array<string, mixed> $row One line of WooCommerce's cart.
	 * @return array<string, mixed>
	 */
	private static function line( array $row ): array {
		$item  = Item::of( $row['data'] );
		$gross = self::amounts( $row )['gross'];
		$net   = self::amounts( $row )['net'];
		$units = max( 1, (int) ceil( (float) $row['quantity'] ) );
		$even  = 0 === $gross % $units;
		return array(
			'product_id'  => $item['product'],
			'variant_id'  => '' === $item['variant'] ? null : $item['variant'],
			'quantity'    => $even ? $units : 1, // a line whose units do not cost the same stands for one
			'unit_price'  => self::text( $even ? intdiv( $gross, $units ) : $gross ),
			'discount'    => self::text( max( 0, $gross - $net ) ),
			'tags'        => $item['tags'],
			'collections' => $item['collections'],
		);
	}

	/**
	 * WooCommerce writes each amount of an order with the shop's decimals, and so do we before adding them up.
	 *
	 * @param mixed $amount
	 */
	private static function minor( $amount ): int {
		return (int) round( (float) $amount * 10 ** wc_get_price_decimals() );
	}

	private static function text( int $minor ): string {
		$digits = wc_get_price_decimals();
		$whole  = str_pad( (string) $minor, $digits + 1, '0', STR_PAD_LEFT );
		return 0 === $digits ? $whole : substr( $whole, 0, -$digits ) . '.' . substr( $whole, -$digits );
	}
}
