<?php
/**
 * Scripts and styles that the server packs with us; where we run from the sources, they lie beside.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Packed {

	private const FOLDER = 'assets/widgets/';

	/** Where browsers find a file: here, else at the server. */
	public static function url( string $file ): string {
		return is_readable( self::path( self::FOLDER ) . $file ) ? Plugin::url( self::FOLDER . $file ) : Connection::address( 'widgets/v1/' . $file );
	}

	/** Empty: it is not there. */
	public static function text( string $file ): string {
		foreach ( array( self::FOLDER, '../dist/' ) as $folder ) {
			if ( is_readable( self::path( $folder ) . $file ) ) {
				return (string) file_get_contents( self::path( $folder ) . $file ); // phpcs:ignore WordPress.WP.AlternativeFunctions -- a file of ours
			}
		}
		return '';
	}

	private static function path( string $folder ): string {
		return dirname( Plugin::file() ) . '/' . $folder;
	}
}
