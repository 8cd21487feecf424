<?php
/**
 * Keeps the server's earn table at hand. It is asked for beside the page views, never during one.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class TableRefresh {

	public const JOB = 'tessera_loyalty_refresh';

	private const EVERY_S = 300;

	private const MOST_BYTES = 65536;

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
		$kept    = Table::kept();
		$headers = '' !== $kept['etag'] ? array( 'If-None-Match' => $kept['etag'] ) : array();
		$asked   = array(
			'timeout'             => 10,
			'redirection'         => 0,
			'headers'             => $headers,
			'limit_response_size' => self::MOST_BYTES,
		);
		$answer  = wp_remote_get( Connection::address( 'widget/v1/' . Connection::shop() . '/table' ), $asked );
		$status  = (int) wp_remote_retrieve_response_code( $answer );
		if ( 304 === $status ) {
			Table::keep( $kept['table'], $kept['etag'] );
		} elseif ( 200 === $status ) {
			$told = json_decode( (string) wp_remote_retrieve_body( $answer ), true );
			is_array( $told ) && Table::keep( $told, (string) wp_remote_retrieve_header( $answer, 'etag' ) );
		}
	}
}
