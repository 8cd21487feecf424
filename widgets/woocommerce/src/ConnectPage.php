<?php
/**
 * WooCommerce → Tessera: one button that connects, and how it stands.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class ConnectPage {

	private const PAGE = 'tessera-loyalty';

	private const MAY = 'manage_woocommerce';

	public function hook(): void {
		add_action( 'admin_menu', array( $this, 'menu' ), 60 );
		add_action( 'admin_post_tessera_connect', array( $this, 'leave' ) );
		add_action( 'admin_post_tessera_forget', array( $this, 'forget' ) );
		add_filter( 'plugin_action_links_' . plugin_basename( Plugin::file() ), array( $this, 'links' ) );
	}

	public function menu(): void {
		add_submenu_page( 'woocommerce', 'Tessera', 'Tessera', self::MAY, self::PAGE, array( $this, 'draw' ) );
	}

	/**
	 * @param string[] $links
	 */
	public function links( $links ) {
		$mine = sprintf( '<a href="%s">%s</a>', esc_url( self::address() ), esc_html__( 'Connect', 'tessera-loyalty' ) );
		return array_merge( array( $mine ), $links );
	}

	/** The merchant's click is her word that this shop may speak to that server. */
	public function leave(): void {
		self::check( 'tessera_connect' );
		$told   = isset( $_POST['server'] ) ? esc_url_raw( wp_unslash( $_POST['server'] ), array( 'https', 'http' ) ) : ''; // phpcs:ignore WordPress.Security.NonceVerification -- in check()
		$server = untrailingslashit( $told );
		if ( ! self::is_server( $server ) ) {
			self::go( add_query_arg( 'wrong', '1', self::address() ) );
		}
		update_option( Connection::SERVER, $server, true );
		self::go( $server . '/install/woocommerce?shop=' . rawurlencode( home_url( '/' ) ) );
	}

	public function forget(): void {
		self::check( 'tessera_forget' );
		Connection::forget();
		delete_option( Table::OPTION );
		delete_option( Announcement::OPTION );
		self::go( self::address() );
	}

	public function draw(): void {
		printf( '<div class="wrap"><h1>Tessera</h1>' );
		if ( isset( $_GET['wrong'] ) ) { // phpcs:ignore WordPress.Security.NonceVerification -- shows a sentence
			printf( '<div class="notice notice-error"><p>%s</p></div>', esc_html__( 'Write the address of your Tessera server. It begins with https://.', 'tessera-loyalty' ) );
		}
		Connection::is_paired() ? $this->stands() : $this->begins();
		echo '</div>';
	}

	private function begins(): void {
		printf( '<p>%s</p>', esc_html__( 'Connect this shop to your Tessera server. You come back to your shop once, to agree that the server may read orders, customers and products, and make coupons.', 'tessera-loyalty' ) );
		$this->form( 'tessera_connect', __( 'Connect', 'tessera-loyalty' ), 'primary', true );
		printf( '<p class="description">%s</p>', esc_html__( 'Shown points, baskets and reviews are told to that server, and to nobody else. readme.txt says what is sent when.', 'tessera-loyalty' ) );
	}

	private function stands(): void {
		$since = wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), Connection::paired_at() );
		/* translators: 1: a server's address, 2: date and time. */
		printf( '<p>%s</p>', esc_html( sprintf( __( 'Connected to %1$s. Last heard of it on %2$s.', 'tessera-loyalty' ), Connection::server(), $since ) ) );
		$drawn = null === Table::now() ? __( 'Points are shown by the script alone just now: the server has to be asked for each product.', 'tessera-loyalty' ) : __( 'Points are drawn by this shop itself, without asking.', 'tessera-loyalty' );
		printf( '<p>%s</p><p><a class="button button-primary" href="%s">%s</a></p>', esc_html( $drawn ), esc_url( Connection::address( 'admin/' ) ), esc_html__( 'Open your programme', 'tessera-loyalty' ) );
		$this->form( 'tessera_connect', __( 'Connect again', 'tessera-loyalty' ), 'secondary', false );
		$this->form( 'tessera_forget', __( 'Disconnect', 'tessera-loyalty' ), 'link-delete', false );
	}

	private function form( string $action, string $label, string $looks, bool $asks ): void {
		$server = Connection::server();
		printf( '<form method="post" action="%s"><input type="hidden" name="action" value="%s">', esc_url( admin_url( 'admin-post.php' ) ), esc_attr( $action ) );
		wp_nonce_field( $action );
		if ( $asks && '' === $server ) {
			printf( '<p><label>%s <input class="regular-text" type="url" name="server" required placeholder="https://tessera.example"></label></p>', esc_html__( 'Your server’s address', 'tessera-loyalty' ) );
		} else {
			printf( '<input type="hidden" name="server" value="%s">', esc_attr( $server ) );
		}
		printf( '<p><button class="button button-%s">%s</button></p></form>', esc_attr( $looks ), esc_html( $label ) );
	}

	private static function is_server( string $address ): bool {
		$parts = wp_parse_url( $address );
		$inner = in_array( $parts['host'] ?? '', array( 'localhost', '127.0.0.1' ), true );
		return isset( $parts['host'], $parts['scheme'] ) && ( 'https' === $parts['scheme'] || $inner ) && ! isset( $parts['user'] ) && ! isset( $parts['query'] ) && ! isset( $parts['fragment'] );
	}

	private static function check( string $action ): void {
		if ( ! current_user_can( self::MAY ) ) {
			wp_die( esc_html__( 'You may not do this.', 'tessera-loyalty' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( $action );
	}

	private static function address(): string {
		return admin_url( 'admin.php?page=' . self::PAGE );
	}

	/** @return never */
	private static function go( string $address ): void {
		wp_redirect( $address ); // phpcs:ignore WordPress.Security.SafeRedirect -- to the server that the merchant has just named
		exit;
	}
}
