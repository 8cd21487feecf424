<?php
/**
 * Calls to other servers go through the process that runs this PHP; what was asked stands in an option.
 */
defined( 'DISABLE_WP_CRON' ) || define( 'DISABLE_WP_CRON', true ); // one PHP cannot call itself

add_filter(
	'pre_http_request',
	static function ( $answer, $args, $url ) {
		$body = is_array( $args['body'] ) ? http_build_query( $args['body'] ) : (string) $args['body'];
		$asked = array( 'url' => $url, 'method' => $args['method'], 'headers' => $args['headers'], 'body' => $body );
		if ( false === strpos( $url, '://127.0.0.1' ) && false === strpos( $url, '://tessera.example' ) ) {
			return new WP_Error( 'http_request_failed', 'the tests reach nothing but this machine' );
		}
		update_option( 'asked', array_merge( (array) get_option( 'asked', array() ), array( $asked ) ), false );
		$canned = get_option( 'canned' );
		$told   = is_array( $canned ) ? $canned : json_decode( post_message_to_js( wp_json_encode( $asked ) ), true );
		if ( isset( $told['error'] ) ) {
			return new WP_Error( 'http_request_failed', $told['error'] );
		}
		return array(
			'headers'  => new WpOrg\Requests\Utility\CaseInsensitiveDictionary( $told['headers'] ),
			'body'     => $told['body'],
			'response' => array( 'code' => $told['status'], 'message' => '' ),
			'cookies'  => array(),
			'filename' => null,
		);
	},
	10,
	3
);

/** A test runs PHP inside the site. */
add_action(
	'init',
	static function () {
		if ( isset( $_SERVER['HTTP_X_TEST_CODE'] ) ) {
			header( 'Content-Type: application/json' );
			echo wp_json_encode( eval( file_get_contents( 'php://input' ) ) );
			exit;
		}
	},
	99
);
