<?php
/** The Store API's cart: a nonce on each POST, what others have registered under `extensions`. */
function woocommerce_store_api_register_endpoint_data( $args ) { $GLOBALS['stub_data'][ $args['endpoint'] ][ $args['namespace'] ] = $args; }
function woocommerce_store_api_register_update_callback( $args ) { $GLOBALS['stub_callbacks'][ $args['namespace'] ] = $args['callback']; }

function stub_cart_answer() {
	$extensions = array();
	foreach ( $GLOBALS['stub_data']['cart'] ?? array() as $name => $args ) {
		call_user_func( $args['schema_callback'] );
		$extensions[ $name ] = call_user_func( $args['data_callback'] );
	}
	$answer = new WP_REST_Response( array( 'coupons' => WC()->cart->get_applied_coupons(), 'extensions' => $extensions ) );
	$answer->header( 'Nonce', wp_create_nonce( 'wc_store_api' ) );
	return $answer;
}

function stub_store_route( $path, $method, $work ) {
	register_rest_route( 'wc/store/v1', $path, array(
		'methods'             => $method,
		'permission_callback' => '__return_true',
		'callback'            => static function ( $request ) use ( $method, $work ) {
			if ( 'POST' === $method && ! wp_verify_nonce( (string) $request->get_header( 'Nonce' ), 'wc_store_api' ) ) {
				return new WP_Error( 'woocommerce_rest_missing_nonce', 'Missing the Nonce header.', array( 'status' => 401 ) );
			}
			$done = $work( $request );
			return is_wp_error( $done ) ? $done : stub_cart_answer();
		},
	) );
}

add_action( 'rest_api_init', static function () {
	stub_store_route( '/cart', 'GET', '__return_true' );
	stub_store_route( '/cart/add-item', 'POST', static function ( $request ) {
		$done = WC()->cart->add_to_cart( (int) $request['id'], (int) $request['quantity'], (int) $request['variation'] );
		return $done ? true : new WP_Error( 'woocommerce_rest_product_not_purchasable', 'Not purchasable.', array( 'status' => 400 ) );
	} );
	stub_store_route( '/cart/apply-coupon', 'POST', static function ( $request ) { return WC()->cart->apply_coupon( (string) $request['code'] ); } );
	stub_store_route( '/cart/extensions', 'POST', static function ( $request ) {
		call_user_func( $GLOBALS['stub_callbacks'][ $request['namespace'] ], $request['data'] );
		return true;
	} );
	stub_store_route( '/checkout', 'POST', static function () {
		$order = new WC_Order( 0, array( 'meta' => array(), 'customer' => get_current_user_id() ) );
		$order->save();
		do_action( 'woocommerce_store_api_checkout_update_order_meta', $order );
		return true;
	} );
} );

/** The Store API reads its session by the cookie; WordPress's own nonce is not asked for. */
add_filter( 'rest_authentication_errors', static function ( $result ) {
	if ( false !== strpos( $_SERVER['REQUEST_URI'] ?? '', 'wc/store/' ) ) {
		return true;
	}
	return $result;
}, 5 );
