<?php
/**
 * The scripts: the elements', which come with the plugin, and our own for what only this shop's page knows.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Script {

	private const LOADER = 'tessera-loyalty-loader';

	private const OURS = 'tessera-loyalty';

	/** The words under the products of a list, which no element draws, and the place of an element that comes later. */
	private const STYLE = '.tessera-later{min-height:2em}.tessera-earn{display:block;min-height:1.5em;font-size:.875em}';

	public function hook(): void {
		add_action( 'wp_enqueue_scripts', array( $this, 'enqueue' ) );
		add_filter( 'script_loader_tag', array( $this, 'tag' ), 10, 2 );
		add_action( 'wp_footer', array( $this, 'launcher' ) );
	}

	public function enqueue(): void {
		if ( ! Connection::is_paired() ) {
			return;
		}
		wp_register_style( self::OURS, false, array(), Plugin::version() );
		wp_enqueue_style( self::OURS );
		wp_add_inline_style( self::OURS, self::style() );
		wp_enqueue_script( self::LOADER, self::loader(), array(), Plugin::version(), true );
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
		$asks = array(
			'server'  => untrailingslashit( Connection::address( '' ) ),
			'session' => Session::address(),
			'login'   => (string) wc_get_page_permalink( 'myaccount' ),
			'join'    => (string) wc_get_page_permalink( 'myaccount' ),
		);
		foreach ( array_filter( $asks ) as $name => $address ) {
			$told .= sprintf( ' data-%s="%s"', $name, esc_url( $address ) );
		}
		return str_replace( ' src=', $told . ' src=', $tag );
	}

	/** The link that opens the panel. A page that has the panel itself, or links to #tessera elsewhere, can do without. */
	public function launcher(): void {
		if ( Connection::is_paired() && ! is_account_page() && apply_filters( 'tessera_loyalty_launcher', true ) ) {
			printf( '<tessera-panel><a href="#tessera">%s</a></tessera-panel>', esc_html__( 'Points', 'tessera-loyalty' ) );
		}
	}

	/** The scripts are packed with us; where we run from the sources, the server has them. */
	private static function loader(): string {
		$ours = 'assets/widgets/tessera.js';
		return is_readable( dirname( Plugin::file() ) . '/' . $ours ) ? Plugin::url( $ours ) : Connection::address( 'widgets/v1/tessera.js' );
	}

	/** It keeps the places of elements free, so that nothing moves when their text comes. The server packs it with us. */
	private static function style(): string {
		$file = dirname( Plugin::file() ) . '/assets/tessera.css';
		return ( is_readable( $file ) ? file_get_contents( $file ) : '' ) . self::STYLE; // phpcs:ignore WordPress.WP.AlternativeFunctions -- a file of ours
	}

	/**
	 * Few pages need our own script at once; the others load it when a shopper uses a code.
	 */
	private static function start(): string {
		$now = is_cart() || is_checkout() || ( is_product() && wc_get_product() && wc_get_product()->is_type( 'variable' ) );
		$url = add_query_arg( 'ver', Plugin::version(), Plugin::url( 'assets/shop.js' ) );
		return sprintf(
			'(function(n){function l(){return window.tesseraShop||(window.tesseraShop=import(%1$s).then(function(m){return m.start(%2$s)}))}' .
			'["apply","arm","referral"].forEach(function(k){document.addEventListener("tessera:"+k,function(e){e.preventDefault();l().then(function(m){m[k](e.detail||{})})})});' .
			'document.querySelectorAll("[data-until]").forEach(function(e){e.dataset.until<Date.now()/1e3&&(e.textContent="")});n&&l()})(%3$s);',
			wp_json_encode( $url, JSON_HEX_TAG ),
			wp_json_encode( array( 'store' => rest_url( 'wc/store/v1/' ) ), JSON_HEX_TAG ),
			$now ? '1' : '0'
		);
	}
}
