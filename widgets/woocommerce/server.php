<?php
/**
 * The server that this copy of the plugin belongs to: whoever serves the ZIP writes its own address here.
 *
 * @package TesseraLoyalty
 */

return '';
