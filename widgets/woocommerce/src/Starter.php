<?php
/**
 * The one script of ours in each page: it loads the others where something has to be drawn, else when the shopper
 * first touches something.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Starter {

	private const NAME = 'tessera-loyalty';

	public function hook(): void {
		add_action( 'wp_enqueue_scripts', array( $this, 'enqueue' ) );
		add_action( 'wp_footer', array( $this, 'launcher' ) );
	}

	public function enqueue(): void {
		if ( ! Connection::is_paired() ) {
			return;
		}
		$told = array(
			'tag'   => self::tag(),
			'shop'  => add_query_arg( 'ver', Plugin::version(), Plugin::url( 'assets/shop.js' ) ),
			'store' => rest_url( 'wc/store/v1/' ),
			'now'   => Blocks::are_here() || ( CartPage::is_here() && is_user_logged_in() ), // blocks draw later; she may have a reward
		);
		wp_register_script( self::NAME, false, array(), Plugin::version(), true );
		wp_enqueue_script( self::NAME );
		$json = wp_json_encode( $told, JSON_HEX_TAG | JSON_HEX_AMP | JSON_UNESCAPED_SLASHES );
		wp_add_inline_script( self::NAME, 'var tesseraTold=' . $json . ';' . Packed::text( 'woocommerce.js' ) );
	}

	/** The link that opens the panel. A page that has the panel itself, or links to #tessera elsewhere, can do without. */
	public function launcher(): void {
		if ( Connection::is_paired() && ! is_account_page() && apply_filters( 'tessera_loyalty_launcher', true ) ) {
			printf( '<tessera-panel><a href="#tessera">%s</a></tessera-panel>', esc_html__( 'Points', 'tessera-loyalty' ) );
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
