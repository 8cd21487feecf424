<?php
/**
 * Keeps at hand what the server tells anybody: the earn table, and what the programme announces. It is asked beside the
 * page views, never during one.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class TableRefresh {

	public const JOB = 'tessera_loyalty_refresh';

	private const EVERY_S = 300;

	private const MOST_BYTES = 262144;

	public function hook(): void {
		add_action( self::JOB, array( $this, 'refresh' ) );
		add_action( 'init', array( $this, 'again' ), 20 );
		add_filter( 'cron_schedules', array( $this, 'rhythm' ) ); // phpcs:ignore WordPress.WP.CronInterval
	}

	/**
	 * @param array<string, array<string, mixed>> $known WordPress's rhythms.
	 */
	public function rhythm( $known ) {
		$known['tessera_loyalty'] = array(
			'interval' => self::EVERY_S,
			'display'  => 'Tessera',
		);
		return $known;
	}

	/** Only whoever works here looks whether the job is there: a shopper's page asks the database nothing for it. */
	public function again(): void {
		if ( Connection::is_paired() && ( is_admin() || wp_doing_cron() ) ) {
			Jobs::every( self::JOB, self::EVERY_S );
		}
	}

	public function refresh(): void {
		if ( ! Connection::is_paired() ) {
			return;
		}
		$kept = Table::kept();
		$told = self::ask( 'table', $kept['etag'] );
		if ( null !== $told ) {
			Table::keep( $told['told'] ?? $kept['table'], $told['etag'] );
		}
		Announcement::refresh();
	}

	/**
	 * What the server tells anybody; null: nothing that helps.
	 *
	 * @return array{told: array<string, mixed>|null, etag: string}|null `told` is null where it is what it was.
	 */
	public static function ask( string $what, string $etag ): ?array {
		$asked  = array(
			'timeout'             => 10,
			'redirection'         => 0,
			'headers'             => '' !== $etag ? array( 'If-None-Match' => $etag ) : array(),
			'limit_response_size' => self::MOST_BYTES,
		);
		$answer = wp_remote_get( Connection::address( 'widget/v1/' . Connection::shop() . '/' . $what ), $asked );
		$status = (int) wp_remote_retrieve_response_code( $answer );
		if ( 304 === $status ) {
			return array( 'told' => null, 'etag' => $etag );
		}
		$told = 200 === $status ? json_decode( (string) wp_remote_retrieve_body( $answer ), true ) : null;
		return is_array( $told ) ? array( 'told' => $told, 'etag' => (string) wp_remote_retrieve_header( $answer, 'etag' ) ) : null;
	}
}
