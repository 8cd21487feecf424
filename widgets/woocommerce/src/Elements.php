<?php
/**
 * The elements as shortcodes, [tessera kind="balance"], and as one block.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Elements {

	public const EDITOR = 'tessera-loyalty-editor';

	/** What each can be told. `id` is a product's, and the page's own where it is missing. */
	public const KINDS = array(
		'product'   => array( 'id' ),
		'cart'      => array(),
		'balance'   => array(),
		'programme' => array(),
		'panel'     => array(),
		'referral'  => array(),
		'earned'    => array( 'order' ),
		'ask'       => array( 'what', 'id', 'href', 'order' ),
		'share'     => array( 'url', 'title', 'order' ),
		'wish'      => array( 'id' ),
		'survey'    => array( 'subject' ),
		'bar'       => array( 'close' ),
	);

	public function hook(): void {
		add_shortcode( 'tessera', array( $this, 'draw' ) );
		add_action( 'init', array( $this, 'register' ), 9 );
	}

	public function register(): void {
		$needs = array( 'wp-blocks', 'wp-element', 'wp-block-editor', 'wp-components' );
		wp_register_script( self::EDITOR, Plugin::url( 'assets/editor.js' ), $needs, Plugin::version(), true );
		wp_localize_script( self::EDITOR, 'tesseraKinds', self::KINDS );
		$text  = array( 'type' => 'string', 'default' => '' );
		$kinds = array( 'type' => 'string', 'default' => 'balance', 'enum' => array_keys( self::KINDS ) );
		register_block_type(
			'tessera/element',
			array(
				'api_version'           => 2,
				'title'                 => 'Tessera',
				'category'              => 'widgets',
				'editor_script_handles' => array( self::EDITOR ),
				'attributes'            => array( 'kind' => $kinds ) + array_fill_keys( array_merge( ...array_values( self::KINDS ) ), $text ),
				'render_callback'       => array( $this, 'draw' ),
			)
		);
	}

	/**
	 * @param array<string, mixed>|string $given
	 * @param string|null                 $content What stands between: the page's own, like the rest of the page.
	 */
	public function draw( $given, $content = '' ): string {
		$told = array_map( 'strval', array_filter( (array) $given, 'is_scalar' ) );
		$kind = $told['kind'] ?? 'balance';
		if ( ! Connection::is_paired() || ! isset( self::KINDS[ $kind ] ) ) {
			return '';
		}
		$product = self::product( $told['id'] ?? '' );
		if ( 'product' === $kind ) {
			return $product ? Element::product( $product ) : '';
		}
		if ( 'bar' === $kind && '' === trim( (string) $content ) ) {
			return Announcement::html();
		}
		$attributes = self::attributes( $kind, array_intersect_key( $told, array_flip( self::KINDS[ $kind ] ) ), $product );
		return null === $attributes ? '' : Element::around( $kind, $attributes, self::inside( $kind, (string) $content ) );
	}

	private static function product( string $id ): ?\WC_Product {
		$found = '' === $id ? Item::current() : wc_get_product( absint( $id ) );
		return $found ? $found : null;
	}

	/** A heart has a name for who cannot see it. */
	private static function inside( string $kind, string $content ): string {
		$inside = trim( do_shortcode( $content ) );
		return '' === $inside && 'wish' === $kind ? esc_html__( 'Put on my wish list', 'tessera-loyalty' ) : $inside;
	}

	/**
	 * What the element is told; null: it would have nothing to say.
	 *
	 * @param array<string, string> $told
	 * @return array<string, string>|null
	 */
	private static function attributes( string $kind, array $told, ?\WC_Product $product ): ?array {
		$named = $product ? (string) ( $product->get_parent_id() ? $product->get_parent_id() : $product->get_id() ) : '';
		switch ( $kind ) {
			case 'panel':
				return array( 'inline' => 'inline' );
			case 'wish':
				return $product ? array( 'product-id' => $named ) : null;
			case 'ask':
				return self::asked( $told, $named );
			case 'earned':
				$order = self::order( $told );
				return '' === $order ? null : array( 'order' => $order );
			case 'share':
				return array(
					'url'   => esc_url_raw( $told['url'] ?? '' ),
					'title' => sanitize_text_field( $told['title'] ?? '' ),
					'order' => self::order( $told ),
				);
			default:
				return array_map( 'sanitize_text_field', $told );
		}
	}

	/**
	 * @param array<string, string> $told
	 */
	private static function order( array $told ): string {
		$order = absint( $told['order'] ?? '' );
		return $order ? (string) $order : '';
	}

	/**
	 * A review is written where the shop has its own form for it.
	 *
	 * @param array<string, string> $told
	 * @return array<string, string>
	 */
	private static function asked( array $told, string $product ): array {
		$what = sanitize_key( $told['what'] ?? '' );
		$what = '' === $what ? 'review' : $what;
		$href = esc_url_raw( $told['href'] ?? '' );
		return array(
			'kind'    => $what,
			'product' => $product,
			'order'   => self::order( $told ),
			'href'    => '' === $href && 'review' === $what && '' !== $product ? get_permalink( (int) $product ) . '#reviews' : $href,
		);
	}
}
