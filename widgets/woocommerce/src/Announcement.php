<?php
/**
 * What the programme announces, as a bar: drawn from what was heard last, as the script would draw it.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Announcement {

	public const OPTION = 'tessera_loyalty_announcement';

	private const MOST_LANGUAGES = 5;

	/** Who has closed it is not shown it again, from the first paint on: what is kept is the script's number of the text, which WordPress dresses up where it is shown. */
	private const CLOSER = '(b=>{let n=[...b.dataset.text].reduce((s,c)=>s*31+c.charCodeAt()|0,7),c=()=>b.toggleAttribute("closed",true);' .
		'try{localStorage["tessera-bar"]==n&&c()}catch{}b.lastElementChild.onclick=()=>{c();b.tabIndex=-1;b.focus();try{localStorage["tessera-bar"]=n}catch{}}})(document.currentScript.previousElementSibling)';

	public static function refresh(): void {
		$kept = self::kept();
		foreach ( self::languages() as $language ) {
			$old  = $kept[ $language ] ?? array( 'etag' => '', 'told' => null );
			$told = TableRefresh::ask( 'programme?lang=' . $language, $old['etag'] );
			if ( null !== $told ) {
				$kept[ $language ] = array(
					'told' => null === $told['told'] ? $old['told'] : self::told( $told['told']['announcement'] ?? null ),
					'etag' => $told['etag'],
					'at'   => time(),
				);
			}
		}
		update_option( self::OPTION, array( 'shop' => Connection::shop(), 'by_language' => $kept ), false );
	}

	/** The bar; empty: there is nothing to announce. Where nobody knows, it is left to the script. */
	public static function html(): string {
		$heard = self::kept()[ substr( determine_locale(), 0, 2 ) ] ?? null;
		if ( null === $heard || time() - $heard['at'] > Table::BELIEVED_S ) {
			return Element::html( 'bar' );
		}
		$told = $heard['told'];
		return null === $told || ( null !== $told['until'] && $told['until'] <= time() ) ? '' : self::drawn( $told );
	}

	/**
	 * @param array{text: string, link: string, close: string, until: int|null} $told
	 */
	private static function drawn( array $told ): string {
		$until  = array();
		if ( null !== $told['until'] ) {
			$until = array( 'data-until' => (string) $told['until'] );
			Starter::want( 'until' );
		}
		$line   = '' === $told['link'] ? sprintf( '<span>%s</span>', esc_html( $told['text'] ) ) : sprintf( '<a href="%s">%s</a>', esc_url( $told['link'] ), esc_html( $told['text'] ) );
		$button = sprintf( '<button type="button" aria-label="%s">×</button>', esc_attr( $told['close'] ) );
		return sprintf( '<style>%s</style>', Packed::text( 'tessera-bar.css' ) )
			. Element::around( 'bar', array( 'drawn' => 'drawn', 'data-text' => $told['text'] ) + $until, "<p>$line</p><small>" . esc_html( self::balance() ) . "</small>$button" )
			. wp_get_inline_script_tag( self::CLOSER );
	}

	/** Of who is logged in, as the script writes it; empty: a guest, or nobody knows. */
	private static function balance(): string {
		$table = Table::now();
		$told  = Member::current()['points'] ?? null;
		$text  = null === $table || ! is_int( $told ) ? '' : Sentence::points( $table, $told );
		return '' === $text ? '' : "\u{2068}" . $text;
	}

	/**
	 * @return array<string, array{told: array<string, mixed>|null, etag: string, at: int}>
	 */
	private static function kept(): array {
		$kept = get_option( self::OPTION );
		return is_array( $kept ) && ( $kept['shop'] ?? null ) === Connection::shop() ? $kept['by_language'] : array();
	}

	/**
	 * @param mixed $said The announcement of a programme, in one language.
	 * @return array{text: string, link: string, close: string, until: int|null}|null
	 */
	private static function told( $said ): ?array {
		if ( ! is_array( $said ) || '' === (string) ( $said['text'] ?? '' ) || '' === (string) ( $said['close'] ?? '' ) ) {
			return null;
		}
		return array(
			'text'  => (string) $said['text'],
			'link'  => (string) ( $said['link'] ?? '' ),
			'close' => (string) $said['close'],
			'until' => empty( $said['until'] ) ? null : (int) strtotime( (string) $said['until'] ),
		);
	}

	/**
	 * The site's own, and those that WordPress has here for its visitors.
	 *
	 * @return string[]
	 */
	private static function languages(): array {
		$names = array_merge( array( get_locale() ), get_available_languages() );
		$short = array_map( static fn( $name ) => substr( $name, 0, 2 ), $names );
		return array_slice( array_values( array_unique( $short ) ), 0, self::MOST_LANGUAGES );
	}
}
