<?php
/**
 * Which server this shop belongs to, and the secret that the two share.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Connection {

	public const OPTION = 'tessera_loyalty_connection';

	/** The address that a merchant has agreed to: the server's scripts run in the shop's pages. */
	public const SERVER = 'tessera_loyalty_server';

	/**
	 * The server's address without a slash at its end; empty: none is named.
	 */
	public static function server(): string {
		$told = (string) get_option( self::SERVER, '' );
		return untrailingslashit( '' !== $told ? $told : (string) require dirname( Plugin::file() ) . '/server.php' );
	}

	public static function is_paired(): bool {
		return '' !== self::shop();
	}

	/** The server's own name of this shop. It is no secret: it stands in each page. */
	public static function shop(): string {
		return self::told( 'shop' );
	}

	/** The shop's name as it was connected: its host, and the folder that WordPress lives in. */
	public static function ref(): string {
		return self::told( 'ref' );
	}

	/** Never printed, never sent. */
	public static function secret(): string {
		return self::told( 'secret' );
	}

	public static function paired_at(): int {
		return (int) self::told( 'at' );
	}

	public static function address( string $path ): string {
		return self::server() . '/' . $path;
	}

	public static function sign( string $message ): string {
		return hash_hmac( 'sha256', $message, self::secret() );
	}

	public static function keep( string $shop, string $ref, string $secret ): void {
		$told = array(
			'server' => self::server(),
			'shop'   => $shop,
			'ref'    => $ref,
			'secret' => $secret,
			'at'     => (string) time(),
		);
		update_option( self::OPTION, $told, true );
	}

	public static function forget(): void {
		delete_option( self::OPTION );
	}

	/** A secret is good at the server that gave it, and is told to no other. */
	private static function told( string $name ): string {
		$kept = get_option( self::OPTION );
		if ( ! is_array( $kept ) || ( $kept['server'] ?? null ) !== self::server() ) {
			return '';
		}
		return (string) ( $kept[ $name ] ?? '' );
	}
}
