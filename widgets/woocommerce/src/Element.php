<?php
/**
 * Writes the elements that the server's script brings to life. Text inside stands without it.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Element {

	/**
	 * @param array<string, string> $attributes
	 */
	public static function html( string $kind, array $attributes = array(), string $text = '' ): string {
		return self::around( $kind, $attributes, esc_html( $text ) );
	}

	/**
	 * @param array<string, string> $attributes
	 * @param string                $html       What stands inside, escaped by whoever wrote it.
	 */
	public static function around( string $kind, array $attributes, string $html ): string {
		Style::need( $kind );
		$written = '';
		foreach ( $attributes as $name => $value ) {
			if ( '' !== $value ) {
				$written .= sprintf( ' %s="%s"', $name, esc_attr( $value ) );
			}
		}
		return sprintf( '<tessera-%1$s%2$s>%3$s</tessera-%1$s>', $kind, $written, $html );
	}

	/** The element of a product, with its points where the table tells them. */
	public static function product( \WC_Product $product, string $form = '' ): string {
		$item       = Item::of( $product );
		$table      = Table::now();
		$attributes = Item::attributes( $item ) + array( 'for' => $form );
		$variable   = $product->is_type( 'variable' );
		$text       = null === $table ? '' : self::text( $table, $item );
		if ( null === $table || ( '' === $text && ! $variable ) ) {
			Starter::want( 'product' );
		}
		if ( $variable ) {
			return self::later( $attributes );
		}
		$drawn = '' === $text ? array() : array( 'drawn' => 'drawn' );
		return self::html( 'product', $attributes + $drawn + self::until( $table, $text ), $text );
	}

	/**
	 * Its place, while the variation is still to be chosen: an element without a price would ask in vain.
	 *
	 * @param array<string, string> $attributes
	 */
	private static function later( array $attributes ): string {
		unset( $attributes['price'], $attributes['variant-id'] );
		return sprintf( '<div class="tessera-later" data-attributes="%s"></div>', esc_attr( (string) wp_json_encode( array_filter( $attributes ) ) ) );
	}

	/** What a product earns in words, and nothing else; empty: the table does not tell. */
	public static function words( \WC_Product $product ): string {
		$table = Table::now();
		$text  = null === $table ? '' : self::text( $table, Item::of( $product ) );
		return '' === $text ? '' : self::html_words( $text, self::until( $table, $text ) );
	}

	/**
	 * @param array<string, mixed> $table
	 * @param array<string, mixed> $item
	 */
	public static function text( array $table, array $item ): string {
		$tier = Member::tier();
		$earn = Sentence::earn( $table, Points::of( $table, $item, $tier ) );
		$more = '' === $earn ? '' : Sentence::times( $table, $tier );
		return '' === $more ? $earn : $earn . ' · ' . $more;
	}

	/**
	 * A page may lie in a cache for long: from this moment on its script takes the text away.
	 *
	 * @param array<string, mixed>|null $table
	 * @return array<string, string>
	 */
	private static function until( ?array $table, string $text ): array {
		if ( null === $table || '' === $text || null === $table['until'] ) {
			return array();
		}
		Starter::want( 'until' );
		return array( 'data-until' => (string) $table['until'] );
	}

	/**
	 * @param array<string, string> $attributes
	 */
	private static function html_words( string $text, array $attributes ): string {
		$until = isset( $attributes['data-until'] ) ? sprintf( ' data-until="%s"', esc_attr( $attributes['data-until'] ) ) : '';
		return sprintf( '<span class="tessera-earn"%s>%s</span>', $until, esc_html( $text ) );
	}
}
