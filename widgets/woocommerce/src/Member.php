<?php
/**
 * What the server has told of the user who is logged in. Pages for users are kept by no cache.
 *
 * A network of sites has one table of users, and each of its shops may be another programme's: so what a site is told
 * is kept as its own.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Member {

	/** Written by the server through WooCommerce's REST API. */
	private const META = '_tessera_member';

	/** In a network: this site's own, under its prefix. */
	private const OF_SITE = 'tessera_member';

	public function hook(): void {
		if ( is_multisite() ) {
			add_action( 'added_user_meta', array( $this, 'keep' ), 10, 4 );
			add_action( 'updated_user_meta', array( $this, 'keep' ), 10, 4 );
		}
	}

	/**
	 * @param int|string $meta_id WordPress's number of it.
	 * @param int|string $user_id Whose it is.
	 * @param string     $key     What is written.
	 * @param mixed      $told    What the server tells this site.
	 */
	public function keep( $meta_id, $user_id, $key, $told ): void {
		if ( self::META === $key && null !== self::read( $told ) ) {
			update_user_option( (int) $user_id, self::OF_SITE, wp_slash( $told ) );
		}
	}

	/**
	 * Null: a guest, or a user who is no member.
	 *
	 * @return array<string, mixed>|null
	 */
	public static function current(): ?array {
		$user = get_current_user_id();
		if ( ! $user || ! is_multisite() ) {
			return $user ? self::read( get_user_meta( $user, self::META, true ) ) : null;
		}
		return self::read( get_user_meta( $user, $GLOBALS['wpdb']->get_blog_prefix() . self::OF_SITE, true ) )
			?? self::read( get_user_meta( $user, self::META, true ) );
	}

	/**
	 * @param mixed $told
	 * @return array<string, mixed>|null
	 */
	private static function read( $told ): ?array {
		$told  = is_string( $told ) ? json_decode( $told, true ) : $told;
		$other = is_multisite() && ( $told['shop'] ?? null ) !== Connection::ref();
		return is_array( $told ) && $told && ! $other ? $told : null;
	}

	/** Empty: a guest, or in no tier. */
	public static function tier(): string {
		$tier = self::current()['tier'] ?? null;
		return is_array( $tier ) ? (string) ( $tier['key'] ?? '' ) : '';
	}

	/**
	 * What her tier and those below open: `tiers`, `products`, `content`, `early_access_days`.
	 *
	 * @return array<string, mixed>
	 */
	private static function access(): array {
		$told = self::current()['access'] ?? null;
		return is_array( $told ) ? $told : array();
	}

	/** Whether a list of what is open to her has the name. */
	private static function lists( string $list, string $name ): bool {
		return in_array( $name, array_map( 'strval', (array) ( self::access()[ $list ] ?? array() ) ), true );
	}

	/** Whether she is in a tier, or above it. */
	public static function is_of( string $tier ): bool {
		return self::lists( 'tiers', $tier );
	}

	/** Whether a perk of her tiers lists it, or a reward of hers is for it: `product` or `content`. */
	public static function may( string $what, string $name ): bool {
		return self::owns( $what, $name ) || self::lists( 'product' === $what ? 'products' : $what, $name );
	}

	/** Whether she has a reward for it that has not ended. */
	public static function owns( string $what, string $name ): bool {
		foreach ( (array) ( self::current()['entitlements'] ?? array() ) as $one ) {
			if ( is_array( $one ) && $name === (string) ( $one[ $what ] ?? '' ) && time() < (int) strtotime( (string) ( $one['until'] ?? '' ) ) ) {
				return '' !== $name;
			}
		}
		return false;
	}

	public static function early_days(): int {
		return max( 0, (int) ( self::access()['early_access_days'] ?? 0 ) );
	}
}
