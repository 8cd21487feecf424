<?php
/**
 * The server brings the shop's id and secret, with the REST key that the merchant has granted it; later a new table.
 *
 * Only the server that the merchant has named may: its scripts run in the shop's pages.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Pairing {

	private const ROUTES = array( 'tessera/v1/pair', 'tessera/v1/table' );

	public function hook(): void {
		add_action( 'rest_api_init', array( $this, 'register' ) );
		add_filter( 'woocommerce_rest_is_request_to_rest_api', array( $this, 'takes_keys' ) );
	}

	public function register(): void {
		$text = static function ( $pattern ) {
			return array(
				'type'     => 'string',
				'required' => true,
				'pattern'  => $pattern,
			);
		};
		register_rest_route(
			'tessera/v1',
			'/pair',
			array(
				'methods'             => 'POST',
				'callback'            => array( $this, 'pair' ),
				'permission_callback' => array( $this, 'may' ),
				'args'                => array(
					'app_url' => $text( '^https?://[^\s"\'<>]{1,200}$' ),
					'shop_id' => $text( '^[0-9a-z]{1,32}$' ),
					'ref'     => $text( '^[A-Za-z0-9._~:/-]{1,300}$' ),
					'secret'  => $text( '^[0-9a-f]{64}$' ),
				),
			)
		);
		$document = array(
			'type'     => 'object',
			'required' => true,
		);
		register_rest_route(
			'tessera/v1',
			'/table',
			array(
				'methods'             => 'POST',
				'callback'            => array( $this, 'table' ),
				'permission_callback' => array( $this, 'may' ),
				'args'                => array(
					'table' => $document,
					'shop'  => $document,
				),
			)
		);
	}

	/**
	 * A table is told as soon as another programme is published: nobody reads old points for five minutes.
	 *
	 * @return \WP_REST_Response|\WP_Error
	 */
	public function table( \WP_REST_Request $request ) {
		$shop = $request['shop'];
		if ( ! Connection::is_paired() || ( $shop['id'] ?? null ) !== Connection::shop() ) {
			return new \WP_Error( 'tessera_other_shop', __( 'This shop has agreed to another server.', 'tessera-loyalty' ), array( 'status' => 409 ) );
		}
		Table::keep( $request['table'], '' );
		Jobs::soon( TableRefresh::JOB ); // what the programme announces may be new, too
		return new \WP_REST_Response( array( 'kept' => true ) );
	}

	/**
	 * WooCommerce reads its keys for addresses of its own alone; this is how others are named to it.
	 *
	 * @param mixed $is_api What others say.
	 */
	public function takes_keys( $is_api ) {
		return $is_api || self::is_asked( isset( $_SERVER['REQUEST_URI'] ) ? esc_url_raw( wp_unslash( $_SERVER['REQUEST_URI'] ) ) : '' );
	}

	/**
	 * @return bool|\WP_Error
	 */
	public function may() {
		return current_user_can( 'manage_woocommerce' )
			? true
			: new \WP_Error( 'tessera_cannot_pair', __( 'This needs a key of the shop.', 'tessera-loyalty' ), array( 'status' => rest_authorization_required_code() ) );
	}

	/**
	 * @return \WP_REST_Response|\WP_Error
	 */
	public function pair( \WP_REST_Request $request ) {
		if ( untrailingslashit( $request['app_url'] ) !== Connection::server() ) {
			return new \WP_Error( 'tessera_other_server', __( 'This shop has agreed to another server.', 'tessera-loyalty' ), array( 'status' => 409 ) );
		}
		Connection::keep( $request['shop_id'], $request['ref'], $request['secret'] );
		Jobs::soon( TableRefresh::JOB );
		return new \WP_REST_Response(
			array(
				'paired'  => true,
				'version' => Plugin::version(),
			)
		);
	}

	private static function is_asked( string $address ): bool {
		$path  = (string) wp_parse_url( $address, PHP_URL_PATH );
		$plain = array();
		parse_str( (string) wp_parse_url( $address, PHP_URL_QUERY ), $plain );
		foreach ( self::ROUTES as $route ) {
			$pretty = '/' . trailingslashit( rest_get_url_prefix() ) . $route;
			if ( substr( $path, -strlen( $pretty ) ) === $pretty || ( $plain['rest_route'] ?? '' ) === '/' . $route ) {
				return true;
			}
		}
		return false;
	}
}
