<?php
/**
 * What a page needs of our style, in the page itself: it keeps the places of elements free, so that nothing moves.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Style {

	private const NAME = 'tessera-loyalty';

	/** Elements with a style of their own; the others share one. */
	private const FILES = array(
		'product' => 'tessera-product.css',
		'cart'    => 'tessera-cart.css',
		'others'  => 'tessera.css',
	);

	/** The words under the products of a list, which no element draws, and the place of an element that comes later. */
	private const WORDS = '.tessera-later{min-height:2em}.tessera-earn{display:block;min-height:1.5em;font-size:.875em}';

	public function hook(): void {
		add_action( 'wp_enqueue_scripts', array( $this, 'enqueue' ) );
	}

	/** In the head goes what can be known there. Themes made of blocks have drawn the page by then, and know all of it. */
	public function enqueue(): void {
		if ( ! Connection::is_paired() ) {
			return;
		}
		self::add( self::NAME, self::WORDS . Packed::text( 'tessera-launcher.css' ) );
		is_product() && self::need( 'product' );
		CartPage::is_here() && self::need( 'cart' );
		$post = is_singular() ? get_post() : null;
		if ( is_account_page() || is_order_received_page() || ( $post && ( has_shortcode( $post->post_content, 'tessera' ) || has_block( 'tessera/element', $post ) ) ) ) {
			self::need( 'others' );
		}
	}

	/** For an element that is about to be drawn. */
	public static function need( string $kind ): void {
		$part = isset( self::FILES[ $kind ] ) ? $kind : 'others';
		$name = self::NAME . '-' . $part;
		if ( ! wp_style_is( $name ) && ! wp_style_is( $name, 'done' ) ) {
			self::add( $name, Packed::text( self::FILES[ $part ] ) );
		}
	}

	private static function add( string $name, string $text ): void {
		wp_register_style( $name, false, array(), Plugin::version() );
		wp_enqueue_style( $name );
		wp_add_inline_style( $name, $text );
	}
}
