<?php
/**
 * Cart and checkout made of blocks: the Store API tells the cart's lines, and the starter's script fills the slots.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Blocks {

	public const NAMESPACE = 'tessera';

	public function hook(): void {
		add_action( 'woocommerce_blocks_loaded', array( $this, 'tell' ) );
		did_action( 'woocommerce_blocks_loaded' ) && $this->tell();
	}

	public function tell(): void {
		if ( ! function_exists( 'woocommerce_store_api_register_endpoint_data' ) ) {
			return;
		}
		woocommerce_store_api_register_endpoint_data(
			array(
				'endpoint'        => 'cart',
				'namespace'       => self::NAMESPACE,
				'data_callback'   => array( Basket::class, 'now' ),
				'schema_callback' => array( $this, 'schema' ),
				'schema_type'     => ARRAY_A,
			)
		);
		woocommerce_store_api_register_update_callback(
			array(
				'namespace' => self::NAMESPACE,
				'callback'  => array( OrderNotes::class, 'remember' ),
			)
		);
	}

	/**
	 * @return array<string, array<string, mixed>>
	 */
	public function schema(): array {
		$list = array(
			'type'     => 'array',
			'readonly' => true,
			'context'  => array( 'view', 'edit' ),
		);
		return array(
			'currency'       => array(
				'description' => 'ISO 4217',
				'type'        => 'string',
				'readonly'    => true,
				'context'     => array( 'view', 'edit' ),
			),
			'lines'          => array( 'description' => 'The lines as the order will tell them.' ) + $list,
			'discount_codes' => array( 'description' => 'The codes that are applied.' ) + $list,
			'order_discount' => array(
				'description' => 'What is taken off the whole.',
				'type'        => 'string',
				'readonly'    => true,
				'context'     => array( 'view', 'edit' ),
			),
		);
	}

	public static function are_here(): bool {
		$post = get_queried_object(); // loops of a theme may leave another as the global one
		return $post instanceof \WP_Post && ( has_block( 'woocommerce/cart', $post ) || has_block( 'woocommerce/checkout', $post ) );
	}
}
