<?php
/**
 * The scripts: the server's loader, which is the service itself, and our own for what only this shop's page knows.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Script {

	private const LOADER = 'tessera-loyalty-loader';

	private const OURS = 'tessera-loyalty';

	/** The place that an element takes is kept free, so that nothing moves when its text comes. */
	private const STYLE = 'tessera-product,tessera-cart,tessera-balance{display:block}tessera-product{min-height:2em}tessera-cart{min-height:4.0625em}.tessera-earn{display:block;min-height:1.5em;font-size:.875em}';

	public function hook(): void {
		add_action( 'wp_enqueue_scripts', array( $this, 'enqueue' ) );
		add_filter( 'script_loader_tag', array( $this, 'tag' ), 10, 2 );
	}

	public function enqueue(): void {
		if ( ! Connection::is_paired() ) {
			return;
		}
		wp_register_style( self::OURS, false, array(), Plugin::version() );
		wp_enqueue_style( self::OURS );
		wp_add_inline_style( self::OURS, self::STYLE );
		wp_enqueue_script( self::LOADER, Connection::address( 'widgets/v1/tessera.js' ), array(), null, true ); // phpcs:ignore WordPress.WP.EnqueuedResourceParameters
		wp_register_script( self::OURS, false, array(), Plugin::version(), true );
		wp_enqueue_script( self::OURS );
		wp_add_inline_script( self::OURS, self::start() );
	}

	/**
	 * @param string $tag    The script's tag.
	 * @param string $handle Its name.
	 */
	public function tag( $tag, $handle ) {
		if ( self::LOADER !== $handle ) {
			return $tag;
		}
		$told = sprintf( ' async data-shop="%s" data-lang="%s"', esc_attr( Connection::shop() ), esc_attr( substr( determine_locale(), 0, 2 ) ) );
		$asks = Session::address();
		$told .= '' === $asks ? '' : sprintf( ' data-session="%s"', esc_url( $asks ) );
		return str_replace( ' src=', $told . ' src=', $tag );
	}

	/**
	 * Few pages need our own script at once; the others load it when a shopper uses a code.
	 */
	private static function start(): string {
		$now = is_cart() || is_checkout() || ( is_product() && wc_get_product() && wc_get_product()->is_type( 'variable' ) );
		$url = add_query_arg( 'ver', Plugin::version(), Plugin::url( 'assets/shop.js' ) );
		return sprintf(
			'(function(n){function l(){return window.tesseraShop||(window.tesseraShop=import(%1$s).then(function(m){return m.start(%2$s)}))}' .
			'["apply","arm"].forEach(function(k){document.addEventListener("tessera:"+k,function(e){l().then(function(m){m[k](e.detail||{})})})});' .
			'document.querySelectorAll("[data-until]").forEach(function(e){e.dataset.until<Date.now()/1e3&&(e.textContent="")});n&&l()})(%3$s);',
			wp_json_encode( $url, JSON_HEX_TAG ),
			wp_json_encode( array( 'store' => rest_url( 'wc/store/v1/' ) ), JSON_HEX_TAG ),
			$now ? '1' : '0'
		);
	}
}
