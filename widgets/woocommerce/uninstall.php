<?php
/**
 * Takes away all that the plugin has made. What WooCommerce keeps of orders, coupons and products stays theirs:
 * the notes on them are taken away, they are not.
 *
 * @package TesseraLoyalty
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/src/Cleaning.php';

TesseraLoyalty\Cleaning::all();
