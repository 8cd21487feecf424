<?php
/**
 * What the server has told of the user who is logged in. Pages for users are kept by no cache.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Member {

	/** Written by the server through WooCommerce's REST API. */
	private const META = '_tessera_member';

	/**
	 * Null: a guest, or a user who is no member.
	 *
	 * @return array<string, mixed>|null
	 */
	public static function current(): ?array {
		$told = is_user_logged_in() ? get_user_meta( get_current_user_id(), self::META, true ) : null;
		$told = is_string( $told ) ? json_decode( $told, true ) : $told;
		return is_array( $told ) && $told ? $told : null;
	}

	/** Empty: a guest, or in no tier. */
	public static function tier(): string {
		$tier = self::current()['tier'] ?? null;
		return is_array( $tier ) ? (string) ( $tier['key'] ?? '' ) : '';
	}

	/**
	 * @return array<string, mixed>
	 */
	public static function perks(): array {
		$tier = self::current()['tier'] ?? null;
		return is_array( $tier ) && is_array( $tier['perks'] ?? null ) ? $tier['perks'] : array();
	}

	/** Whether a perk that lists things lists this one. */
	public static function may( string $perk, string $what ): bool {
		$listed = self::perks()[ $perk ] ?? array();
		return is_array( $listed ) && in_array( $what, array_map( 'strval', $listed ), true );
	}

	public static function early_days(): int {
		return max( 0, (int) ( self::perks()['early_access_days'] ?? 0 ) );
	}
}
