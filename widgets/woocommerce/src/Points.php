<?php
/**
 * What one unit of a product earns, by the earn table: whole numbers only, the same sum as the server's.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Points {

	/** In minor units. The server sees to it that no sum up to this price passes 2^63. */
	private const DEAREST = 1000000000;

	/**
	 * @param array<string, mixed> $table
	 * @param array<string, mixed> $item  As `Item` tells it.
	 * @param string               $tier  Of the member who looks; empty: a guest.
	 * @return int|null Null: the table does not say.
	 */
	public static function of( array $table, array $item, string $tier = '' ): ?int {
		return self::of_cart( $table, array( $item ), $tier );
	}

	/**
	 * Lines are added up before the one rounding.
	 *
	 * @param array<string, mixed>             $table
	 * @param array<int, array<string, mixed>> $items The price of each is what is paid for its line.
	 * @param string                           $tier  Of the member who looks; empty: a guest.
	 * @return int|null Null: the table does not say.
	 */
	public static function of_cart( array $table, array $items, string $tier = '' ): ?int {
		$shares = array();
		$minor  = 0;
		foreach ( $items as $item ) {
			$share = self::share( $table, $item, $tier );
			$minor += $share['minor'] ?? 0;
			if ( null === $share || $minor > self::DEAREST ) {
				return null;
			}
			$shares[] = $share;
		}
		$shares = array_values( array_filter( $shares, array( self::class, 'earns' ) ) );
		if ( count( array_unique( array_column( $shares, 'under' ) ) ) > 1 ) {
			return null;
		}
		if ( ! $shares ) {
			return 0; // what earns nothing has no bonus either
		}
		$earned = self::rounded( array_sum( array_column( $shares, 'over' ) ), $shares[0]['under'], $table['rounding'] );
		$bonus  = $table['bonus'] + array_sum( array_column( $shares, 'bonus' ) );
		return null === $earned ? null : self::capped( $earned + $bonus, $table['cap'] );
	}

	/**
	 * What a line brings before the rounding; null: the table does not say.
	 *
	 * @param array<string, mixed> $table
	 * @param array<string, mixed> $item
	 * @return array<string, int|float>|null
	 */
	private static function share( array $table, array $item, string $tier ): ?array {
		$currency = $item['currency'];
		$rate     = $table['rates'][ $currency ] ?? null;
		$factors  = $table['factors'][ $tier === $table['entry'] ? '' : $tier ] ?? null; // none for a hidden tier
		$minor    = null === $rate ? null : self::minor( $item['price'], (int) $table['digits'][ $currency ] );
		if ( null === $minor || null === $factors ) {
			return null;
		}
		$told = self::told( $table['rules'], $item, $currency );
		if ( $told['exclude'] || 0 === $minor ) {
			return array( 'minor' => $minor );
		}
		$factor = $factors[ $told['m'] ?? 0 ] ?? null;
		$rate   = $told['rates'] ?? $rate;
		return null === $factor ? null : array(
			'minor' => $minor,
			'over'  => $minor * $rate[0] * $factor[0],
			'under' => $rate[1] * $factor[1],
			'bonus' => $told['bonus'] ?? 0,
		);
	}

	/**
	 * @param array<string, int|float> $share
	 */
	private static function earns( array $share ): bool {
		return isset( $share['under'] );
	}

	/** "19.99" in hundredths; null: it is no price, or finer than its currency. */
	public static function minor( string $price, int $digits ): ?int {
		if ( ! preg_match( '/^(\d{1,10})(?:\.(\d*?)0*)?$/D', $price, $parts ) || strlen( $parts[2] ?? '' ) > $digits ) {
			return null;
		}
		$minor = (int) ( $parts[1] . str_pad( $parts[2] ?? '', $digits, '0' ) );
		return $minor <= self::DEAREST ? $minor : null;
	}

	/**
	 * Of the rules that match, the first with a rate, a multiplier or a bonus gives it.
	 *
	 * @param array<int, array<string, mixed>> $rules
	 * @param array<string, mixed>             $item
	 * @return array<string, mixed>
	 */
	private static function told( array $rules, array $item, string $currency ): array {
		$told = array( 'exclude' => false );
		foreach ( $rules as $rule ) {
			if ( ! self::matches( $rule, $item ) ) {
				continue;
			}
			$told['exclude'] = $told['exclude'] || ! empty( $rule['exclude'] );
			$says            = array(
				'rates' => $rule['rates'][ $currency ] ?? null,
				'm'     => $rule['m'] ?? null,
				'bonus' => $rule['bonus'] ?? null,
			);
			$told           += array_filter( $says, array( self::class, 'is_said' ) );
		}
		return $told;
	}

	/**
	 * @param mixed $value
	 */
	private static function is_said( $value ): bool {
		return null !== $value;
	}

	/**
	 * @param array<string, mixed> $rule
	 * @param array<string, mixed> $item
	 */
	private static function matches( array $rule, array $item ): bool {
		foreach ( array( 'variant', 'product', 'vendor' ) as $kind ) {
			if ( isset( $rule[ $kind ] ) ) {
				return $rule[ $kind ] === $item[ $kind ];
			}
		}
		foreach ( array( 'collection' => 'collections', 'tag' => 'tags' ) as $kind => $those ) {
			if ( isset( $rule[ $kind ] ) ) {
				return in_array( $rule[ $kind ], $item[ $those ], true );
			}
		}
		return true;
	}

	/**
	 * PHP turns a sum that is too large into a float, which is no sum any more: then nothing is told.
	 *
	 * @param int|float $over
	 * @param int|float $under
	 */
	private static function rounded( $over, $under, string $rounding ): ?int {
		if ( ! is_int( $over ) || ! is_int( $under ) || $under <= 0 ) {
			return null;
		}
		$whole = intdiv( $over, $under );
		$rest  = $over % $under;
		if ( 'ceil' === $rounding ) {
			return $whole + ( $rest > 0 ? 1 : 0 );
		}
		return $whole + ( 'half_up' === $rounding && $rest >= $under - $rest ? 1 : 0 );
	}

	private static function capped( int $points, ?int $cap ): int {
		return null === $cap ? $points : min( $points, $cap );
	}
}
