<?php
class WooCommerce {
	public $cart;
	public $session;
	public $customer;
	private static $one;
	public static function instance() {
		if ( ! self::$one ) {
			self::$one           = new self();
			self::$one->session  = new WC_Session_Stub();
			self::$one->customer = new WC_Customer_Stub();
			self::$one->cart     = new WC_Cart();
		}
		return self::$one;
	}
}

class WC_Session_Stub {
	private function key() { return 'wc_session_' . ( get_current_user_id() ? get_current_user_id() : ( $_COOKIE['wc_session'] ?? 'guest' ) ); }
	public function get( $name, $default = null ) { return get_option( $this->key(), array() )[ $name ] ?? $default; }
	public function set( $name, $value ) { update_option( $this->key(), array( $name => $value ) + get_option( $this->key(), array() ), false ); }
}

class WC_Customer_Stub {
	public function get_billing_email() { return (string) WC()->session->get( 'billing_email', '' ); }
}

class WC_Data {
	public $id;
	public $data = array();
	public function __construct( $id = 0, $data = array() ) { $this->id = $id; $this->data = $data; }
	public function get_id() { return $this->id; }
	public function get_meta( $key, $single = true ) { return $this->data['meta'][ $key ] ?? ''; }
	public function update_meta_data( $key, $value ) { $this->data['meta'][ $key ] = $value; }
	public function delete_meta_data( $key ) { unset( $this->data['meta'][ $key ] ); }
	public function save() { return $this->id; }
	public function save_meta_data() { return $this->save(); }
}

class WC_Product extends WC_Data {
	public function is_type( $type ) { return in_array( $this->data['type'] ?? 'simple', (array) $type, true ); }
	public function get_parent_id() { return $this->data['parent'] ?? 0; }
	public function get_price() { return $this->data['price'] ?? ''; }
	public function get_name() { return $this->data['name'] ?? ''; }
	public function get_meta( $key, $single = true ) { return (string) get_post_meta( $this->id, $key, true ); }
	public function update_meta_data( $key, $value ) { update_post_meta( $this->id, $key, $value ); }
	public function delete_meta_data( $key ) { delete_post_meta( $this->id, $key ); }
	public function is_purchasable() {
		$may = apply_filters( 'woocommerce_is_purchasable', '' !== $this->get_price() || $this->is_type( 'variable' ), $this );
		return $this->get_parent_id() ? apply_filters( 'woocommerce_variation_is_purchasable', $may, $this ) : $may;
	}
	public function get_available_variations() {
		$made = array();
		foreach ( $this->data['variations'] ?? array() as $id ) {
			$variation = wc_get_product( $id );
			$told      = array( 'variation_id' => $id, 'display_price' => (float) $variation->get_price(), 'attributes' => array( 'attribute_size' => $variation->data['name'] ) );
			$made[]    = apply_filters( 'woocommerce_available_variation', $told, $this, $variation );
		}
		return $made;
	}
}

class WC_Order extends WC_Data {
	public function set_date_modified( $when ) { $this->data['modified'] = $when; }
	public function get_customer_id() { return $this->data['customer'] ?? 0; }
	public function save() {
		$all              = get_option( 'wc_orders', array() );
		$this->id         = $this->id ? $this->id : count( $all ) + 1001;
		$all[ $this->id ] = $this->data;
		update_option( 'wc_orders', $all, false );
		do_action( 'woocommerce_update_order', $this->id, $this );
		return $this->id;
	}
}

class WC_Coupon extends WC_Data {
	public function __construct( $code ) { parent::__construct( $code, get_option( 'wc_coupons', array() )[ strtolower( $code ) ] ?? array() ); }
	public function exists() { return array() !== $this->data; }
	public function get_code() { return strtolower( $this->id ); }
	public function is_type( $type ) { return ( $this->data['discount_type'] ?? '' ) === $type; }
	public function get_email_restrictions() { return $this->data['email_restrictions'] ?? array(); }
	public function get_amount() { return (float) $this->data['amount']; }
	public function get_maximum_amount() { return (float) ( $this->data['maximum_amount'] ?? 0 ); }
}

class WC_Cart {
	public function is_empty() { return ! $this->rows(); }
	public function get_applied_coupons() { return WC()->session->get( 'coupons', array() ); }
	public function get_fees() { return array_map( function ( $fee ) { return (object) $fee; }, WC()->session->get( 'fees', array() ) ); }
	public function rows() { return WC()->session->get( 'cart', array() ); }
	public function add_to_cart( $product_id, $quantity = 1, $variation_id = 0 ) {
		$product = wc_get_product( $variation_id ? $variation_id : $product_id );
		if ( ! $product || ! $product->is_purchasable() ) {
			return false;
		}
		$rows = $this->rows();
		$key  = md5( $product_id . ':' . $variation_id );
		$rows[ $key ] = array( 'product_id' => $product_id, 'variation_id' => $variation_id, 'quantity' => $quantity );
		WC()->session->set( 'cart', $rows );
		return $key;
	}
	/** As WC_Discounts does it: whether the code may be used, by the filters, an exception being the shopper's message. */
	public function apply_coupon( $code ) {
		$coupon = new WC_Coupon( $code );
		try {
			if ( ! $coupon->exists() ) {
				throw new Exception( sprintf( 'Coupon &quot;%s&quot; does not exist!', $code ) );
			}
			$subtotal = array_sum( array_column( $this->get_cart(), 'line_subtotal' ) );
			$most     = $coupon->get_maximum_amount();
			if ( $most > 0 && apply_filters( 'woocommerce_coupon_validate_maximum_amount', $subtotal > $most, $coupon, $subtotal ) ) {
				throw new Exception( 'The maximum spend for this coupon is ' . $most );
			}
			if ( ! apply_filters( 'woocommerce_coupon_is_valid', true, $coupon, null ) ) {
				throw new Exception( 'Coupon is not valid.' );
			}
		} catch ( Exception $error ) {
			return new WP_Error( 'woocommerce_rest_cart_coupon_error', $error->getMessage(), array( 'status' => 400 ) );
		}
		WC()->session->set( 'coupons', array_values( array_unique( array_merge( $this->get_applied_coupons(), array( $coupon->get_code() ) ) ) ) );
		return true;
	}
	/** Lines with their totals. Tax is 19 % within prices or on top, by the shop's setting. */
	public function get_cart() {
		do_action( 'woocommerce_before_calculate_totals', $this );
		$rows = array();
		foreach ( $this->rows() as $key => $row ) {
			$product = wc_get_product( $row['variation_id'] ? $row['variation_id'] : $row['product_id'] );
			$row    += array( 'key' => $key, 'data' => $product );
			$price   = $product->get_price() * $row['quantity'];
			$off     = 0.0;
			foreach ( $this->get_applied_coupons() as $code ) {
				$coupon = new WC_Coupon( $code );
				$off   += apply_filters( 'woocommerce_coupon_get_discount_amount', round( $price * $coupon->get_amount() / 100, 2 ), $price, $row, false, $coupon );
			}
			$rate = wc_tax_enabled() ? 0.19 : 0.0;
			foreach ( array( 'line_subtotal' => $price, 'line_total' => $price - $off ) as $name => $amount ) {
				$net          = wc_prices_include_tax() ? $amount / ( 1 + $rate ) : $amount;
				$row[ $name ] = $net;
				$row[ 'line_total' === $name ? 'line_tax' : 'line_subtotal_tax' ] = wc_prices_include_tax() ? $amount - $net : $net * $rate;
			}
			$rows[ $key ] = $row;
		}
		return $rows;
	}
}
