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

	public function hook(): void {
		add_shortcode( 'tessera', array( $this, 'draw' ) );
		add_action( 'init', array( $this, 'register' ), 9 );
	}

	public function register(): void {
		$needs = array( 'wp-blocks', 'wp-element', 'wp-block-editor', 'wp-components' );
		wp_register_script( self::EDITOR, Plugin::url( 'assets/editor.js' ), $needs, Plugin::version(), true );
		wp_localize_script( self::EDITOR, 'tesseraKinds', Element::KINDS );
		register_block_type(
			'tessera/element',
			array(
				'api_version'           => 2,
				'title'                 => 'Tessera',
				'category'              => 'widgets',
				'editor_script_handles' => array( self::EDITOR ),
				'attributes'            => array(
					'kind' => array( 'type' => 'string', 'default' => 'balance', 'enum' => Element::KINDS ),
				),
				'render_callback'       => array( $this, 'draw' ),
			)
		);
	}

	/**
	 * @param array<string, string>|string $given
	 */
	public function draw( $given ): string {
		$kind = is_array( $given ) && isset( $given['kind'] ) ? (string) $given['kind'] : 'balance';
		if ( ! Connection::is_paired() || ! in_array( $kind, Element::KINDS, true ) ) {
			return '';
		}
		if ( 'product' === $kind ) {
			$product = wc_get_product( is_array( $given ) && isset( $given['id'] ) ? (int) $given['id'] : false );
			return $product ? Element::product( $product ) : '';
		}
		return Element::html( $kind, 'panel' === $kind ? array( 'inline' => 'inline' ) : array() );
	}
}
