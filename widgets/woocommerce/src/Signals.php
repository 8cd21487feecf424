<?php
/**
 * What no webhook of WooCommerce tells, or tells once and never again: signed, and sent until the server has it.
 *
 * A job holds only what it is about; the rest is read when it is sent, so that the last state is what arrives.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Signals {

	public const JOB = 'tessera_loyalty_signal';

	private const PAUSES_S = array( 60, 300, 1800, 7200, 43200, 86400 );

	public function hook(): void {
		add_action( self::JOB, array( $this, 'send' ), 10, 3 );
		add_action( 'comment_post', array( $this, 'reviewed' ) );
		add_action( 'wp_set_comment_status', array( $this, 'reviewed' ) );
		add_action( 'woocommerce_created_customer', array( $this, 'signed_up' ) );
		add_action( 'woocommerce_delete_order', array( $this, 'deleted' ) );
		add_action( 'woocommerce_refund_deleted', array( $this, 'touch' ), 10, 2 );
		add_action( 'woocommerce_order_status_delivered', array( $this, 'delivered' ) );
		add_filter( 'woocommerce_order_actions', array( $this, 'order_actions' ) );
		add_action( 'woocommerce_order_action_tessera_delivered', array( $this, 'delivered' ) );
	}

	/**
	 * @param int|string $comment_id A comment that is new, or has another status now.
	 */
	public function reviewed( $comment_id ): void {
		$comment = get_comment( $comment_id );
		if ( $comment && 'review' === $comment->comment_type && '1' === (string) $comment->comment_approved ) {
			$this->soon( 'review.created', (int) $comment_id );
		}
	}

	/**
	 * @param int|string $user_id Somebody who has just got an account of the shop.
	 */
	public function signed_up( $user_id ): void {
		$this->soon( 'customer.created', (int) $user_id );
	}

	/**
	 * @param int|string $order_id An order that is deleted for good.
	 */
	public function deleted( $order_id ): void {
		$this->soon( 'action.woocommerce_delete_order', (int) $order_id );
	}

	/**
	 * A refund that is deleted changes nothing that WooCommerce would tell. A new date on its order does.
	 *
	 * @param int|string $refund_id The refund that was deleted.
	 * @param int|string $order_id  The order it was of.
	 */
	public function touch( $refund_id, $order_id ): void {
		$order = wc_get_order( $order_id );
		if ( $order ) {
			$order->set_date_modified( time() );
			$order->save();
		}
	}

	/**
	 * @param array<string, string> $actions
	 */
	public function order_actions( $actions ) {
		$actions['tessera_delivered'] = __( 'Mark as delivered (points)', 'tessera-loyalty' );
		return $actions;
	}

	/**
	 * WooCommerce knows no delivery. Its plugins add a status for it, which comes here too; the first time counts.
	 *
	 * @param \WC_Order|int|string $order The order, or its number.
	 */
	public function delivered( $order ): void {
		$order = wc_get_order( $order );
		if ( $order && '' === (string) $order->get_meta( '_tessera_delivered_at' ) ) {
			$order->update_meta_data( '_tessera_delivered_at', gmdate( 'Y-m-d\TH:i:s\Z' ) );
			$order->save();
		}
	}

	/**
	 * @param string     $topic As webhooks name it.
	 * @param int|string $id    What it is about.
	 * @param int|string $tries How often it has been tried.
	 */
	public function send( $topic, $id, $tries = 0 ): void {
		$document = Connection::is_paired() ? self::document( (string) $topic, (int) $id ) : null;
		if ( null === $document ) {
			return;
		}
		$body    = (string) wp_json_encode( $document );
		$address = Connection::address( 'webhooks/woocommerce/' . Connection::shop() );
		$answer  = wp_remote_post( $address, array( 'body' => $body, 'headers' => self::headers( (string) $topic, $body ), 'timeout' => 15, 'redirection' => 0 ) );
		$status  = (int) wp_remote_retrieve_response_code( $answer );
		$refused = $status >= 400 && $status < 500 && 429 !== $status && 408 !== $status && 401 !== $status;
		if ( 200 !== $status && ! $refused && isset( self::PAUSES_S[ (int) $tries ] ) ) {
			Jobs::soon( self::JOB, array( (string) $topic, (int) $id, (int) $tries + 1 ), self::PAUSES_S[ (int) $tries ] );
		}
	}

	private function soon( string $topic, int $id ): void {
		if ( Connection::is_paired() ) {
			Jobs::soon( self::JOB, array( $topic, $id, 0 ) );
		}
	}

	/**
	 * In the shape of WooCommerce's REST API; null: it is not there any more, and there is nothing to tell.
	 *
	 * @return array<string, mixed>|null
	 */
	private static function document( string $topic, int $id ): ?array {
		switch ( $topic ) {
			case 'review.created':
				return self::review( $id );
			case 'customer.created':
				return self::customer( $id );
			default:
				return array( 'action' => 'woocommerce_delete_order', 'arg' => $id );
		}
	}

	/**
	 * @return array<string, mixed>|null
	 */
	private static function review( int $id ): ?array {
		$comment = get_comment( $id );
		if ( ! $comment || '' === $comment->comment_author_email ) {
			return null;
		}
		return array(
			'id'               => $id,
			'date_created_gmt' => str_replace( ' ', 'T', $comment->comment_date_gmt ),
			'product_id'       => (int) $comment->comment_post_ID,
			'status'           => '1' === (string) $comment->comment_approved ? 'approved' : 'hold',
			'reviewer_email'   => $comment->comment_author_email,
			'review'           => $comment->comment_content,
			'rating'           => (int) get_comment_meta( $id, 'rating', true ),
		);
	}

	/**
	 * @return array<string, mixed>|null
	 */
	private static function customer( int $id ): ?array {
		$user = get_userdata( $id );
		if ( ! $user ) {
			return null;
		}
		return array(
			'id'               => $id,
			'date_created_gmt' => str_replace( ' ', 'T', $user->user_registered ),
			'email'            => $user->user_email,
			'role'             => (string) reset( $user->roles ),
		);
	}

	/**
	 * @return array<string, string>
	 */
	private static function headers( string $topic, string $body ): array {
		return array(
			'Content-Type'               => 'application/json',
			'X-WC-Webhook-Topic'         => $topic,
			'X-WC-Webhook-ID'            => 'plugin',
			'X-WC-Webhook-Delivery-ID'   => wp_generate_uuid4(),
			'X-WC-Webhook-Signature'     => base64_encode( hash_hmac( 'sha256', $body, Connection::secret(), true ) ), // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions
		);
	}
}
