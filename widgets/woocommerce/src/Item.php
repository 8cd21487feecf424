<?php
/**
 * What the server knows a product by: the same names and the same price that its order will tell.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Item {

	/** The product that a template draws just now. */
	public static function current(): ?\WC_Product {
		$told  = $GLOBALS['product'] ?? null; // templates of both kinds set it; the post may be another one
		$found = $told instanceof \WC_Product ? $told : wc_get_product();
		return $found ? $found : null;
	}

	/**
	 * The price is as the shop writes it, with tax or without: that is what the orders of the shop count in.
	 *
	 * @return array<string, mixed>
	 */
	public static function of( \WC_Product $product ): array {
		$parent = $product->get_parent_id();
		$named  = $parent ? $parent : $product->get_id();
		return array(
			'product'     => (string) $named,
			'variant'     => $parent ? (string) $product->get_id() : '',
			'vendor'      => '',
			'tags'        => self::slugs( $named, 'product_tag' ),
			'collections' => self::slugs( $named, 'product_cat' ),
			'price'       => self::plain( $product->get_price() ),
			'currency'    => get_woocommerce_currency(),
		);
	}

	/**
	 * The element's attributes. A product that is still to be chosen has no price yet.
	 *
	 * @param array<string, mixed> $item
	 * @return array<string, string>
	 */
	public static function attributes( array $item ): array {
		return array(
			'product-id'  => $item['product'],
			'variant-id'  => $item['variant'],
			'price'       => $item['price'],
			'currency'    => $item['currency'],
			'tags'        => implode( ',', $item['tags'] ),
			'collections' => implode( ',', $item['collections'] ),
		);
	}

	/**
	 * @return string[]
	 */
	private static function slugs( int $product, string $taxonomy ): array {
		$terms = get_the_terms( $product, $taxonomy );
		return is_array( $terms ) ? array_values( wp_list_pluck( $terms, 'slug' ) ) : array();
	}

	/**
	 * @param mixed $price As WooCommerce keeps it, a number or text.
	 */
	private static function plain( $price ): string {
		$text = is_string( $price ) ? $price : rtrim( rtrim( sprintf( '%.8F', (float) $price ), '0' ), '.' );
		return preg_match( '/^\d+(\.\d+)?$/D', $text ) ? $text : '';
	}
}
