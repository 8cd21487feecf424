<?php
/**
 * Content for members: [tessera_gate] and the block of the same name. What is hidden does not leave the server.
 *
 * @package TesseraLoyalty
 */

namespace TesseraLoyalty;

defined( 'ABSPATH' ) || exit;

final class Gate {

	public function hook(): void {
		add_shortcode( 'tessera_gate', array( $this, 'shortcode' ) );
		add_action( 'init', array( $this, 'register' ) );
		add_action( 'template_redirect', array( $this, 'keep_out_of_caches' ) );
	}

	public function register(): void {
		register_block_type(
			'tessera/gate',
			array(
				'api_version'           => 2,
				'title'                 => 'Tessera gate',
				'category'              => 'widgets',
				'editor_script_handles' => array( Elements::EDITOR ),
				'attributes'            => array(
					'content' => array( 'type' => 'string', 'default' => '' ),
					'tier'    => array( 'type' => 'string', 'default' => '' ),
				),
				'render_callback'       => array( $this, 'block' ),
			)
		);
	}

	/**
	 * @param array<string, string>|string $given   `content`: named by a tier's perks; `tier`: any of these, with commas, or one above.
	 * @param string|null                  $content What stands between.
	 */
	public function shortcode( $given, $content = '' ): string {
		$asked = shortcode_atts( array( 'content' => '', 'tier' => '' ), $given, 'tessera_gate' );
		return self::opens( $asked ) ? do_shortcode( (string) $content ) : self::closed( $asked );
	}

	/**
	 * @param array<string, string> $asked
	 * @param string                $content What is inside, drawn already.
	 */
	public function block( $asked, $content ): string {
		return self::opens( $asked ) ? $content : self::closed( $asked );
	}

	/** A page with a gate is another one for each member. */
	public function keep_out_of_caches(): void {
		$post = is_singular() ? get_post() : null;
		if ( ! $post || ! is_user_logged_in() || ! ( has_shortcode( $post->post_content, 'tessera_gate' ) || has_block( 'tessera/gate', $post ) ) ) {
			return;
		}
		defined( 'DONOTCACHEPAGE' ) || define( 'DONOTCACHEPAGE', true ); // phpcs:ignore WordPress.NamingConventions -- what page caches look for
		nocache_headers();
	}

	/**
	 * @param array<string, string> $asked
	 */
	private static function opens( array $asked ): bool {
		if ( null === Member::current() ) {
			return false;
		}
		$tiers = array_filter( array_map( 'trim', explode( ',', (string) $asked['tier'] ) ) );
		if ( $tiers && ! array_filter( $tiers, array( Member::class, 'is_of' ) ) ) {
			return false;
		}
		return '' === (string) $asked['content'] || Member::may( 'content', (string) $asked['content'] );
	}

	/**
	 * @param array<string, string> $asked
	 */
	private static function closed( array $asked ): string {
		$why = is_user_logged_in() ? __( 'This is for members of a higher tier.', 'tessera-loyalty' ) : __( 'This is for members: log in to see it.', 'tessera-loyalty' );
		return sprintf( '<p class="tessera-closed">%s</p>', esc_html( $why ) );
	}
}
