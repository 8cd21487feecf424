<?php
/**
 * The earn table as it was last heard, and whether it may still be believed.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Table {

	public const OPTION = 'tessera_loyalty_table';

	/** What nobody could renew for so long is not believed: then the element asks the server. */
	public const BELIEVED_S = 1200;

	/**
	 * @return array{table: array<string, mixed>, etag: string, at: int, shop: string}
	 */
	public static function kept(): array {
		$kept = get_option( self::OPTION );
		$mine = is_array( $kept ) && ( $kept['shop'] ?? null ) === Connection::shop();
		return $mine ? $kept : array( 'table' => array(), 'etag' => '', 'at' => 0, 'shop' => '' );
	}

	/**
	 * @param array<string, mixed> $table
	 */
	public static function keep( array $table, string $etag ): void {
		$kept = array(
			'table' => $table,
			'etag'  => $etag,
			'at'    => time(),
			'shop'  => Connection::shop(),
		);
		update_option( self::OPTION, $kept, false );
	}

	/**
	 * The table where its answers hold now; null: draw nothing, and let the element ask.
	 *
	 * @return array<string, mixed>|null
	 */
	public static function now(): ?array {
		if ( ! Connection::is_paired() ) {
			return null;
		}
		$kept = self::kept();
		return self::holds( $kept['table'], $kept['at'], time() ) ? $kept['table'] : null;
	}

	/**
	 * @param array<string, mixed> $table
	 */
	public static function holds( array $table, int $heard_at, int $now ): bool {
		if ( 1 !== ( $table['v'] ?? null ) || false !== ( $table['ask'] ?? null ) || $now - $heard_at > self::BELIEVED_S ) {
			return false;
		}
		return null === $table['until'] || $now < $table['until'];
	}
}
