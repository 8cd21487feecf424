<?php
/**
 * Products for members alone, and products that members may buy sooner: two fields in the product's data.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class ProductFields {

	private const ONLY = '_tessera_only';

	private const OPENS = '_tessera_opens_at';

	public function hook(): void {
		add_action( 'woocommerce_product_options_general_product_data', array( $this, 'draw' ) );
		add_action( 'woocommerce_admin_process_product_object', array( $this, 'keep' ) );
		add_filter( 'woocommerce_is_purchasable', array( $this, 'may_buy' ), 20, 2 );
		add_filter( 'woocommerce_variation_is_purchasable', array( $this, 'may_buy' ), 20, 2 );
		add_action( 'woocommerce_single_product_summary', array( $this, 'explain' ), 31 );
	}

	public function draw(): void {
		woocommerce_wp_select(
			array(
				'id'          => self::ONLY,
				'label'       => __( 'Who may buy', 'tessera-loyalty' ),
				'options'     => array(
					''        => __( 'Everyone', 'tessera-loyalty' ),
					'members' => __( 'Members', 'tessera-loyalty' ),
					'perk'    => __( 'Members whose tier or reward names this product', 'tessera-loyalty' ),
				),
				'desc_tip'    => true,
				'description' => __( 'A tier names products in its perks, a reward is for one product.', 'tessera-loyalty' ),
			)
		);
		woocommerce_wp_text_input(
			array(
				'id'          => self::OPENS,
				'label'       => __( 'On sale from', 'tessera-loyalty' ),
				'placeholder' => '2026-12-01 10:00',
				'desc_tip'    => true,
				'description' => __( 'Members may buy it sooner by the days of early access that their tier gives. In the shop’s time.', 'tessera-loyalty' ),
			)
		);
	}

	/**
	 * WooCommerce has checked its nonce and who may edit the product before it calls this.
	 *
	 * @param \WC_Product $product The product that is being saved.
	 */
	public function keep( $product ): void {
		// phpcs:disable WordPress.Security.NonceVerification.Missing
		$only  = isset( $_POST[ self::ONLY ] ) ? sanitize_key( wp_unslash( $_POST[ self::ONLY ] ) ) : '';
		$opens = isset( $_POST[ self::OPENS ] ) ? sanitize_text_field( wp_unslash( $_POST[ self::OPENS ] ) ) : '';
		// phpcs:enable
		self::write( $product, self::ONLY, in_array( $only, array( 'members', 'perk' ), true ) ? $only : '' );
		self::write( $product, self::OPENS, null === self::moment( $opens ) ? '' : $opens );
	}

	/**
	 * @param bool        $may     What others say.
	 * @param \WC_Product $product The product, or one of its variations.
	 */
	public function may_buy( $may, $product ) {
		return $may && '' === self::why_not( self::whole( $product ), time() );
	}

	public function explain(): void {
		$product = Item::current();
		$why     = $product ? self::why_not( self::whole( $product ), time() ) : '';
		if ( '' !== $why ) {
			printf( '<p class="tessera-members-only">%s</p>', esc_html( $why ) );
		}
	}

	/** Why whoever looks may not buy it now; empty: she may. */
	private static function why_not( \WC_Product $product, int $now ): string {
		$only  = (string) $product->get_meta( self::ONLY );
		$opens = self::moment( (string) $product->get_meta( self::OPENS ) );
		$id    = (string) $product->get_id();
		if ( null !== $opens && ! Member::owns( 'product', $id ) && $now < $opens - DAY_IN_SECONDS * Member::early_days() ) {
			/* translators: %s: a date and a time. */
			return sprintf( __( 'On sale from %s.', 'tessera-loyalty' ), wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $opens ) );
		}
		if ( 'members' === $only && null === Member::current() ) {
			return __( 'For members only: log in to buy it.', 'tessera-loyalty' );
		}
		if ( 'perk' === $only && ! Member::may( 'product', $id ) ) {
			return __( 'For members of a higher tier.', 'tessera-loyalty' );
		}
		return '';
	}

	private static function whole( \WC_Product $product ): \WC_Product {
		$parent = $product->get_parent_id() ? wc_get_product( $product->get_parent_id() ) : null;
		return $parent ? $parent : $product;
	}

	private static function moment( string $text ): ?int {
		$told = '' === $text ? false : date_create_immutable_from_format( '!Y-m-d H:i', $text, wp_timezone() );
		return $told ? $told->getTimestamp() : null;
	}

	private static function write( \WC_Product $product, string $key, string $value ): void {
		'' === $value ? $product->delete_meta_data( $key ) : $product->update_meta_data( $key, $value );
	}
}
