<?php
/**
 * The server's sentences, in the page's language and plural.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Sentence {

	/**
	 * "Earn 1,399 points"; empty: there is nothing to say, or no words for it.
	 *
	 * @param array<string, mixed> $table
	 */
	public static function earn( array $table, ?int $points ): string {
		$language = self::language( $table );
		if ( ! $points || null === $language ) {
			return '';
		}
		return self::counted( $table['text'][ $language ], 'earn', $language, $points );
	}

	/**
	 * "This cart earns 1,399 points"; empty: there is nothing to say, or no words for it.
	 *
	 * @param array<string, mixed> $table
	 */
	public static function cart( array $table, ?int $points ): string {
		$language = self::language( $table );
		$said     = $table['text'][ $language ?? '' ]['cart'] ?? '';
		if ( ! $points || '' === $said ) {
			return '';
		}
		return str_replace( '{points}', self::counted( $table['text'][ $language ], 'points', $language, $points ), $said );
	}

	/**
	 * "1,399 points"; empty: there are no words for it.
	 *
	 * @param array<string, mixed> $table
	 */
	public static function points( array $table, int $points ): string {
		$language = self::language( $table );
		return null === $language ? '' : self::counted( $table['text'][ $language ], 'points', $language, $points );
	}

	/**
	 * A sentence with its number, in the form that the number takes.
	 *
	 * @param array<string, mixed> $words
	 */
	private static function counted( array $words, string $kind, string $language, int $points ): string {
		$said = $words[ $kind ][ self::plural( $language, $points ) ] ?? $words[ $kind ]['other'] ?? '';
		return str_replace( '{n}', self::grouped( $points, (string) ( $words['group'] ?? ',' ) ), $said );
	}

	/**
	 * "×2 for Gold"; empty: the tier has no factor of its own.
	 *
	 * @param array<string, mixed> $table
	 */
	public static function times( array $table, string $tier ): string {
		$told   = $table['tiers'][ $tier ] ?? array();
		$factor = (string) ( $told['factor'] ?? '1' );
		$words  = $table['text'][ self::language( $table ) ?? '' ] ?? array();
		if ( '1' === $factor || ! isset( $words['times'] ) ) {
			return '';
		}
		$named = array(
			'{factor}' => str_replace( '.', (string) ( $words['decimal'] ?? '.' ), $factor ),
			'{tier}'   => (string) $told['name'],
		);
		return strtr( $words['times'], $named );
	}

	/**
	 * @param array<string, mixed> $table
	 */
	private static function language( array $table ): ?string {
		$mine = substr( determine_locale(), 0, 2 );
		foreach ( array( $mine, 'en' ) as $language ) {
			if ( isset( $table['text'][ $language ]['earn'] ) ) {
				return $language;
			}
		}
		return null;
	}

	public static function grouped( int $number, string $group ): string {
		return str_replace( "\x1f", $group, number_format( $number, 0, '', "\x1f" ) );
	}

	/**
	 * The plural categories of whole numbers.
	 * Source: https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
	 */
	public static function plural( string $language, int $n ): string {
		$ten     = $n % 10;
		$hundred = $n % 100;
		switch ( $language ) {
			case 'ru':
				if ( 1 === $ten && 11 !== $hundred ) {
					return 'one';
				}
				return $ten >= 2 && $ten <= 4 && ( $hundred < 12 || $hundred > 14 ) ? 'few' : 'many';
			case 'pl':
				if ( 1 === $n ) {
					return 'one';
				}
				return $ten >= 2 && $ten <= 4 && ( $hundred < 12 || $hundred > 14 ) ? 'few' : 'many';
			case 'sk':
				return 1 === $n ? 'one' : ( $n >= 2 && $n <= 4 ? 'few' : 'other' );
			case 'ro':
				return 1 === $n ? 'one' : ( 0 === $n || ( $hundred >= 1 && $hundred <= 19 ) ? 'few' : 'other' );
			case 'fr':
				return $n < 2 ? 'one' : self::million( $n );
			case 'es':
			case 'it':
				return 1 === $n ? 'one' : self::million( $n );
			default:
				return 1 === $n ? 'one' : 'other';
		}
	}

	private static function million( int $n ): string {
		return 0 !== $n && 0 === $n % 1000000 ? 'many' : 'other';
	}
}
