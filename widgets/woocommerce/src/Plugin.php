<?php
/**
 * Everything the plugin consists of, by name.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Plugin {

	/** Each says by itself which hooks it stands on. */
	private const SERVICES = array(
		Compatibility::class,
		ConnectPage::class,
		Pairing::class,
		Member::class,
		Session::class,
		PushWorker::class,
		TableRefresh::class,
		Style::class,
		Starter::class,
		ProductPage::class,
		ShopLoop::class,
		CartPage::class,
		Blocks::class,
		ThankYou::class,
		Account::class,
		Elements::class,
		Gate::class,
		ProductFields::class,
		CouponGuard::class,
		OrderNotes::class,
		Signals::class,
	);

	/**
	 * The main file: WordPress knows a plugin by it.
	 *
	 * @var string
	 */
	private static $file = '';

	public static function start( string $file ): void {
		self::$file = $file;
		register_activation_hook( $file, array( self::class, 'activated' ) );
		register_deactivation_hook( $file, array( self::class, 'deactivated' ) );
		Compatibility::declare_early();
		add_action( 'plugins_loaded', array( self::class, 'load' ) );
	}

	public static function load(): void {
		if ( ! class_exists( 'WooCommerce' ) ) {
			return;
		}
		foreach ( self::SERVICES as $service ) {
			( new $service() )->hook();
		}
	}

	/** An endpoint that is not in WordPress's table of addresses is a page that is not found. */
	public static function activated(): void {
		Account::add_endpoint();
		flush_rewrite_rules();
	}

	public static function deactivated(): void {
		Jobs::forget_all();
		delete_option( 'rewrite_rules' ); // made anew with the next page, without ours
	}

	public static function file(): string {
		return self::$file;
	}

	/** The only place that says it is the header of the main file. */
	public static function version(): string {
		static $version = null;
		if ( null === $version ) {
			$version = get_file_data( self::$file, array( 'Version' => 'Version' ) )['Version'];
		}
		return $version;
	}

	public static function url( string $path ): string {
		return plugins_url( $path, self::$file );
	}
}
