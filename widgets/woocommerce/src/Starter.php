<?php
/**
 * The one script of ours in each page: it loads the others when the shopper first touches something, and before that
 * only what has to be drawn at once.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Starter {

	private const NAME = 'tessera-loyalty';

	/** What its blocks are made of. */
	private const BLOCKS = array( 'wp-plugins', 'wp-element', 'wc-blocks-checkout' );

	/** @var array<string, true> What the page has that wants a script at once. */
	private static $wanted = array();

	public function hook(): void {
		add_action( 'wp_footer', array( $this, 'enqueue' ), 9 ); // the page is drawn by then, its scripts are not
		add_action( 'wp_footer', array( $this, 'launcher' ) );
	}

	/** `product`, `cart`: PHP could not draw all of it; `until`: what it has drawn ends one day. */
	public static function want( string $what ): void {
		self::$wanted[ $what ] = true;
	}

	public function enqueue(): void {
		if ( ! Connection::is_paired() ) {
			return;
		}
		$told = array(
			'tag'   => self::tag(),
			'shop'  => add_query_arg( 'ver', Plugin::version(), Plugin::url( 'assets/shop.js' ) ),
			'store' => rest_url( 'wc/store/v1/' ),
		);
		$json = 'var tesseraTold=' . wp_json_encode( $told, JSON_HEX_TAG | JSON_HEX_AMP | JSON_UNESCAPED_SLASHES ) . ';';
		$file = self::file();
		if ( null !== $file ) {
			wp_enqueue_script( self::NAME, Packed::url( $file ), Blocks::are_here() ? self::BLOCKS : array(), Plugin::version(), true );
			wp_add_inline_script( self::NAME, $json, 'before' );
			return;
		}
		wp_register_script( self::NAME, false, array(), Plugin::version(), true );
		wp_enqueue_script( self::NAME );
		$until = isset( self::$wanted['until'] ) ? Packed::text( 'woocommerce-until.js' ) : '';
		wp_add_inline_script( self::NAME, $json . $until . Packed::text( isset( self::$wanted['product'] ) ? 'woocommerce-product.js' : 'woocommerce.js' ) );
	}

	/** The larger ones are files, for browsers to keep; null: it stands in the page itself. */
	private static function file(): ?string {
		if ( Blocks::are_here() ) {
			return 'woocommerce-blocks.js';
		}
		return isset( self::$wanted['cart'] ) ? 'woocommerce-cart.js' : null;
	}

	/** The link that opens the panel. A page that has the panel itself, or links to #tessera elsewhere, can do without. */
	public function launcher(): void {
		if ( Connection::is_paired() && ! is_account_page() && apply_filters( 'tessera_loyalty_launcher', true ) ) {
			printf( '<tessera-panel drawn><a href="#tessera">%s</a></tessera-panel>', esc_html__( 'Points', 'tessera-loyalty' ) );
		}
	}

	/**
	 * The attributes of the elements' script, as its own page would write them.
	 *
	 * @return array<string, string>
	 */
	private static function tag(): array {
		$login = esc_url_raw( (string) wc_get_page_permalink( 'myaccount' ) );
		$told  = array(
			'src'          => add_query_arg( 'ver', Plugin::version(), Packed::url( 'tessera.js' ) ),
			'data-shop'    => Connection::shop(),
			'data-lang'    => substr( determine_locale(), 0, 2 ),
			'data-server'  => untrailingslashit( Connection::address( '' ) ),
			'data-session' => Session::address(),
			'data-login'   => $login,
			'data-join'    => $login,
			'data-push'    => PushWorker::address(),
		);
		return array_filter( $told );
	}
}
