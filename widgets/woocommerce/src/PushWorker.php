<?php
/**
 * The worker that shows messages on a shopper's device: a browser takes it from the shop's own address only.
 *
 * With or without pretty permalinks: it is asked for by a parameter.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class PushWorker {

	private const NAME = 'tessera-push-worker';

	/** The packed file, its name at the server too. */
	private const FILE = 'push-worker.js';

	public function hook(): void {
		add_action( 'init', array( $this, 'serve' ), 0 );
	}

	/** Empty: nobody is logged in, who could get messages. */
	public static function address(): string {
		return is_user_logged_in() ? add_query_arg( self::NAME, '1', home_url( '/' ) ) : '';
	}

	/** The same for everybody, so any cache may keep it; a browser looks for another one once a day by itself. */
	public function serve(): void {
		// phpcs:ignore WordPress.Security.NonceVerification -- a public file
		if ( ! isset( $_GET[ self::NAME ] ) || ! Connection::is_paired() ) {
			return;
		}
		header_remove( 'Expires' );
		header( 'Content-Type: text/javascript; charset=utf-8' );
		header( 'X-Content-Type-Options: nosniff' );
		header( 'Cache-Control: public, max-age=300' );
		header( 'X-Robots-Tag: noindex' );
		echo Packed::text( self::FILE ); // phpcs:ignore WordPress.Security.EscapeOutput -- a script of ours
		exit;
	}
}
