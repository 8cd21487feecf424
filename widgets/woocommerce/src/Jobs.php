<?php
/**
 * Work beside the page views: WooCommerce's queue, or WordPress's clock where that is not there.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Jobs {

	public const GROUP = 'tessera-loyalty';

	private const ALL = array( TableRefresh::JOB, Signals::JOB );

	/**
	 * Do it once, in a moment.
	 *
	 * @param array<int, mixed> $with The job's arguments.
	 */
	public static function soon( string $job, array $with = array(), int $wait = 0 ): void {
		if ( function_exists( 'as_schedule_single_action' ) ) {
			as_schedule_single_action( time() + $wait, $job, $with, self::GROUP );
		} else {
			wp_schedule_single_event( time() + $wait, $job, $with );
		}
	}

	public static function every( string $job, int $seconds ): void {
		if ( function_exists( 'as_has_scheduled_action' ) ) {
			if ( ! as_has_scheduled_action( $job, array( 'again' ), self::GROUP ) ) {
				as_schedule_recurring_action( time(), $seconds, $job, array( 'again' ), self::GROUP );
			}
		} elseif ( ! wp_next_scheduled( $job, array( 'again' ) ) ) {
			wp_schedule_event( time(), 'tessera_loyalty', $job, array( 'again' ) );
		}
	}

	public static function forget_all(): void {
		foreach ( self::ALL as $job ) {
			if ( function_exists( 'as_unschedule_all_actions' ) ) {
				as_unschedule_all_actions( $job );
			}
			wp_unschedule_hook( $job );
		}
	}
}
