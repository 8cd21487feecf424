<?php
/** Where WooCommerce's templates fire their hooks, in their order. */
add_action(
	'init',
	static function () {
		register_post_type( 'product', array( 'public' => true, 'label' => 'Products', 'supports' => array( 'title', 'editor', 'comments' ), 'has_archive' => true ) );
		foreach ( array( 'product_cat', 'product_tag' ) as $taxonomy ) {
			register_taxonomy( $taxonomy, 'product', array( 'public' => true ) );
		}
		foreach ( array( 'cart', 'checkout' ) as $page ) {
			register_block_type( "woocommerce/$page", array( 'render_callback' => static function () use ( $page ) { return "<div class='wp-block-woocommerce-$page wc-block-$page'></div>"; } ) );
		}
		wp_register_script( 'wc-blocks-checkout', plugins_url( 'blocks-checkout.js', __FILE__ ), array( 'wp-element', 'wp-plugins', 'wp-data', 'wp-components' ), '1', true );
	},
	5
);

add_action( 'admin_menu', static function () { add_menu_page( 'WooCommerce', 'WooCommerce', 'manage_woocommerce', 'woocommerce', '__return_null' ); } );
add_action( 'wp_enqueue_scripts', static function () {
	if ( is_product() || is_cart() ) {
		wp_enqueue_script( 'jquery' );
	}
	if ( has_block( 'woocommerce/cart' ) ) {
		wp_enqueue_script( 'wc-blocks-checkout' );
		wp_enqueue_style( 'stub-blocks', plugins_url( 'page.css', __FILE__ ), array(), '1' );
	}
} );

function stub_captured( $draw ) {
	ob_start();
	$draw();
	return ob_get_clean();
}

add_filter(
	'the_content',
	static function ( $content ) {
		if ( is_singular( 'product' ) && in_the_loop() ) {
			return stub_captured( 'stub_product' ) . $content;
		}
		return $content;
	}
);

function stub_product() {
	$product = wc_get_product( get_the_ID() );
	$GLOBALS['product'] = $product;
	printf( '<div class="summary"><p class="price">€%s</p>', esc_html( $product->get_price() ) );
	do_action( 'woocommerce_single_product_summary' );
	if ( $product->is_purchasable() ) {
		$more = $product->is_type( 'variable' ) ? sprintf( 'class="cart variations_form" data-product_variations="%s"', esc_attr( wp_json_encode( $product->get_available_variations() ) ) ) : 'class="cart"';
		printf( '<form %s method="post">', $more );
		if ( $product->is_type( 'variable' ) ) {
			echo '<select name="attribute_size"><option value="">Choose</option>';
			foreach ( $product->get_available_variations() as $one ) {
				printf( '<option>%s</option>', esc_html( $one['attributes']['attribute_size'] ) );
			}
			echo '</select><input type="hidden" name="variation_id">';
		}
		do_action( 'woocommerce_before_add_to_cart_button' );
		printf( '<input type="number" name="quantity" value="1"> <button name="add-to-cart" value="%d">Add to cart</button></form>', $product->get_id() );
	}
	echo '</div>';
	wp_enqueue_script( 'stub-variations', plugins_url( 'variations.js', __FILE__ ), array( 'jquery' ), '1', true );
}

add_shortcode( 'products', static function () {
	return stub_captured( static function () {
		echo '<ul class="products">';
		foreach ( get_posts( array( 'post_type' => 'product', 'numberposts' => 20, 'orderby' => 'ID', 'order' => 'ASC' ) ) as $found ) {
			$GLOBALS['product'] = wc_get_product( $found->ID );
			if ( ! $GLOBALS['product'] || $GLOBALS['product']->get_parent_id() ) {
				continue;
			}
			printf( '<li class="product"><a href="%s"><h2>%s</h2>', esc_url( get_permalink( $found ) ), esc_html( $found->post_title ) );
			do_action( 'woocommerce_after_shop_loop_item_title' );
			echo '</a></li>';
		}
		unset( $GLOBALS['product'] );
		echo '</ul>';
	} );
} );

add_shortcode( 'woocommerce_cart', static function () {
	return stub_captured( static function () {
		echo '<div class="cart_totals">';
		do_action( 'woocommerce_before_cart_totals' );
		echo '<table><tr><th>Total</th><td>…</td></tr></table></div>';
	} );
} );

add_shortcode( 'woocommerce_checkout', static function () {
	return stub_captured( static function () {
		if ( isset( $_GET['order-received'] ) ) {
			do_action( 'woocommerce_thankyou', (int) $_GET['order-received'] );
			return;
		}
		do_action( 'woocommerce_review_order_before_payment' );
	} );
} );

add_shortcode( 'woocommerce_my_account', static function () {
	return stub_captured( static function () {
		$items = apply_filters( 'woocommerce_account_menu_items', array( 'dashboard' => 'Dashboard', 'customer-logout' => 'Log out' ), array() );
		echo '<ul class="menu"><li>' . implode( '</li><li>', array_map( 'esc_html', $items ) ) . '</li></ul>';
		global $wp;
		foreach ( apply_filters( 'woocommerce_get_query_vars', array() ) as $key => $slug ) {
			if ( isset( $wp->query_vars[ $key ] ) ) {
				printf( '<h2>%s</h2>', esc_html( apply_filters( "woocommerce_endpoint_{$key}_title", '', $key, '' ) ) );
				do_action( "woocommerce_account_{$key}_endpoint", '' );
			}
		}
	} );
} );
