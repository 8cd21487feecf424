// What is in the site: run once by conftest.py, as WordPress's administrator would.
require_once ABSPATH . 'wp-admin/includes/plugin.php';
$wrong = activate_plugin( 'tessera-loyalty/tessera-loyalty.php' );
flush_rewrite_rules();

$people = array( 'admin' => 1 );
foreach ( array( 'ada', 'bob', 'zoe' ) as $name ) {
	$people[ $name ] = wp_insert_user( array( 'user_login' => $name, 'user_pass' => 'password', 'user_email' => "$name@example.com", 'role' => 'customer' ) );
}
update_option( 'wc_keys', array( 'ck_boss:cs_boss' => 1, 'ck_ada:cs_ada' => $people['ada'] ) );

$pages = array(
	'shop'       => '[products]',
	'cart'       => '[woocommerce_cart]',
	'checkout'   => '[woocommerce_checkout]',
	'my-account' => '[woocommerce_my_account]',
	'news'       => '[tessera kind="bar"]',
	'block-cart' => '<!-- wp:woocommerce/cart /-->',
);
foreach ( $pages as $slug => $content ) {
	$id = wp_insert_post( array( 'post_type' => 'page', 'post_status' => 'publish', 'post_name' => $slug, 'post_title' => ucfirst( $slug ), 'post_content' => $content ) );
	update_option( "woocommerce_{$slug}_page_id", $id );
}

$make = static function ( $title, $data, $tags = array(), $categories = array() ) {
	$id = wp_insert_post( array( 'post_type' => 'product', 'post_status' => 'publish', 'post_title' => $title, 'comment_status' => 'open' ) );
	update_post_meta( $id, '_stub', $data + array( 'name' => $title ) );
	wp_set_object_terms( $id, $tags, 'product_tag' );
	wp_set_object_terms( $id, $categories, 'product_cat' );
	return $id;
};
$goods = array();
$goods['mug']   = $make( 'Mug', array( 'price' => '1399.95' ), array( 'new' ), array( 'cups' ) );
$goods['cup']   = $make( 'Cup <b>', array( 'price' => '10.00' ) );
$goods['jug']   = $make( 'Jug', array( 'price' => '30.00' ) );
$goods['plate'] = $make( 'Plate', array( 'price' => '60.00' ) );
$goods['odd']   = $make( 'Odd', array( 'price' => '19.99' ), array( 'new' ) );
$goods['ours']  = $make( 'For members', array( 'price' => '10.00' ) );
$goods['early'] = $make( 'Early', array( 'price' => '10.00' ) );
$goods['gold']  = $make( 'For Gold', array( 'price' => '10.00' ) );
$goods['shirt'] = $make( 'Shirt', array( 'price' => '', 'type' => 'variable' ) );
$variations     = array();
foreach ( array( 'S' => '10.00', 'L' => '12.50' ) as $size => $price ) {
	$variations[] = $make( $size, array( 'price' => $price, 'type' => 'variation', 'parent' => $goods['shirt'] ) );
}
update_post_meta( $goods['shirt'], '_stub', array( 'variations' => $variations ) + get_post_meta( $goods['shirt'], '_stub', true ) );

// Everybody has logged in: cookies and nonces are made as WordPress makes them.
$told = array();
foreach ( $people as $name => $id ) {
	$until   = time() + DAY_IN_SECONDS;
	$token   = WP_Session_Tokens::get_instance( $id )->create( $until );
	$cookies = array(
		LOGGED_IN_COOKIE => wp_generate_auth_cookie( $id, $until, 'logged_in', $token ),
		AUTH_COOKIE      => wp_generate_auth_cookie( $id, $until, 'auth', $token ),
	);
	$_COOKIE = $cookies;
	wp_set_current_user( $id );
	$nonces = array();
	foreach ( array( 'wp_rest', 'wc_store_api', 'tessera_connect', 'tessera_forget' ) as $action ) {
		$nonces[ $action ] = wp_create_nonce( $action );
	}
	$told[ $name ] = array( 'id' => $id, 'cookies' => $cookies, 'nonces' => $nonces );
}

return array( 'wrong' => $wrong, 'goods' => $goods, 'people' => $told );
