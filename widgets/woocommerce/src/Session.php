<?php
/**
 * Who is logged in: this site's own word for it, exchanged at the server for a token of ten minutes.
 *
 * A page that some cache keeps must not say it, so the script asks here, with the browser's cookie and WordPress's
 * nonce. The secret stays on this server.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Session {

	public function hook(): void {
		add_action( 'rest_api_init', array( $this, 'register' ) );
	}

	public function register(): void {
		register_rest_route(
			'tessera/v1',
			'/session',
			array(
				'methods'             => 'GET',
				'callback'            => array( $this, 'token' ),
				'permission_callback' => 'is_user_logged_in',
			)
		);
	}

	/** Where the script asks; empty: nobody is logged in, and there is nothing to ask. */
	public static function address(): string {
		if ( ! is_user_logged_in() || ! Connection::is_paired() ) {
			return '';
		}
		return add_query_arg( '_wpnonce', wp_create_nonce( 'wp_rest' ), rest_url( 'tessera/v1/session' ) );
	}

	/**
	 * @return \WP_REST_Response|\WP_Error
	 */
	public function token() {
		if ( ! Connection::is_paired() ) {
			return self::none( 404 );
		}
		$answer = wp_remote_get( self::signed( get_current_user_id(), time() ), array( 'timeout' => 5, 'redirection' => 0 ) );
		$status = (int) wp_remote_retrieve_response_code( $answer );
		$told   = json_decode( (string) wp_remote_retrieve_body( $answer ), true );
		if ( 200 !== $status || ! is_array( $told ) || ! isset( $told['token'], $told['expires_at'] ) ) {
			return self::none( 404 === $status ? 404 : 503 );
		}
		return self::unkept(
			new \WP_REST_Response(
				array(
					'token'      => (string) $told['token'],
					'expires_at' => (string) $told['expires_at'],
				)
			)
		);
	}

	private static function signed( int $customer, int $now ): string {
		$told = array(
			'shop'        => Connection::ref(),
			'customer_id' => (string) $customer,
			'timestamp'   => (string) $now,
		);
		$told['signature'] = Connection::sign( "session\n" . implode( "\n", $told ) );
		return Connection::address( 'proxy/woocommerce/session?' . http_build_query( $told, '', '&', PHP_QUERY_RFC3986 ) );
	}

	private static function none( int $status ): \WP_REST_Response {
		$why = 404 === $status ? 'tessera_no_member' : 'tessera_away';
		return self::unkept( new \WP_REST_Response( array( 'code' => $why ), $status ) );
	}

	private static function unkept( \WP_REST_Response $response ): \WP_REST_Response {
		$response->header( 'Cache-Control', 'no-store, private' );
		return $response;
	}
}
