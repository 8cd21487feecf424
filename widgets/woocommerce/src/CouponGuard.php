<?php
/**
 * What WooCommerce's coupons cannot say by themselves: the most that a percentage takes off, and whose a coupon is.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class CouponGuard {

	private const MOST = '_tessera_max_discount';

	private const OURS = '_tessera_redemption';

	/**
	 * What each line has got so far, by coupon and line, since the cart began to add up.
	 *
	 * @var array<string, array<string, float>>
	 */
	private $given = array();

	public function hook(): void {
		add_action( 'woocommerce_before_calculate_totals', array( $this, 'begin' ), 1 );
		add_filter( 'woocommerce_coupon_get_discount_amount', array( $this, 'at_most' ), 50, 5 );
		add_filter( 'woocommerce_coupon_validate_maximum_amount', array( $this, 'any_basket' ), 10, 2 );
		add_filter( 'woocommerce_coupon_is_valid', array( $this, 'is_hers' ), 10, 2 );
	}

	public function begin(): void {
		$this->given = array();
	}

	/**
	 * @param float                $discount What WooCommerce would take off the line.
	 * @param float                $price    What the line costs before it.
	 * @param array<string, mixed> $row      The line of the cart.
	 * @param bool                 $single   Whether one unit is meant.
	 * @param \WC_Coupon           $coupon   The coupon.
	 */
	public function at_most( $discount, $price, $row, $single, $coupon ) {
		$most = self::most( $coupon );
		if ( null === $most || ! is_array( $row ) || ! isset( $row['key'] ) ) {
			return $discount;
		}
		$code  = $coupon->get_code();
		$other = $this->given[ $code ] ?? array();
		unset( $other[ $row['key'] ] );
		$left  = max( 0.0, round( $most - array_sum( $other ), wc_get_price_decimals() ) );
		$taken = min( (float) $discount, $left );

		$this->given[ $code ][ $row['key'] ] = $taken;
		return $taken;
	}

	/**
	 * Without this plugin the coupon refuses baskets in which it would take off too much.
	 *
	 * @param bool       $too_much Whether the basket is too large.
	 * @param \WC_Coupon $coupon   The coupon.
	 */
	public function any_basket( $too_much, $coupon ) {
		return $too_much && null === self::most( $coupon );
	}

	/**
	 * A coupon that is some members' own: WooCommerce believes whatever address is typed at the checkout. An address
	 * that has an account here is believed once its owner has logged in.
	 *
	 * @param bool       $valid  What WooCommerce says.
	 * @param \WC_Coupon $coupon The coupon.
	 */
	public function is_hers( $valid, $coupon ) {
		$emails = array_map( 'strtolower', $coupon->get_email_restrictions() );
		if ( ! $valid || ! $emails || '' === (string) $coupon->get_meta( self::OURS ) || ! self::at_the_till() ) {
			return $valid;
		}
		$user = wp_get_current_user();
		$mine = strtolower( $user->exists() ? $user->user_email : self::typed() );
		if ( $user->exists() ? ! in_array( $mine, $emails, true ) : '' !== $mine && email_exists( $mine ) ) {
			throw new \Exception( esc_html__( 'This reward is a member’s own: log in to use it.', 'tessera-loyalty' ), 100 );
		}
		return $valid;
	}

	private static function typed(): string {
		return WC()->customer ? (string) WC()->customer->get_billing_email() : '';
	}

	/** In wp-admin and in jobs somebody else looks at the shopper's coupon. */
	private static function at_the_till(): bool {
		return WC()->cart && ! wp_doing_cron() && ! ( is_admin() && ! wp_doing_ajax() );
	}

	private static function most( \WC_Coupon $coupon ): ?float {
		$told = $coupon->is_type( 'percent' ) ? (string) $coupon->get_meta( self::MOST ) : '';
		return preg_match( '/^\d+(\.\d+)?$/D', $told ) ? (float) $told : null;
	}
}
