// The two blocks in the editor. What they show comes from the server; here they are named boxes.
(function (wp, kinds) {
  var el = wp.element.createElement;
  var editor = wp.blockEditor;
  var parts = wp.components;

  function box(label, children) {
    return el('div', editor.useBlockProps(), el(parts.Placeholder, { icon: 'awards', label: label }, children));
  }

  wp.blocks.registerBlockType('tessera/element', {
    apiVersion: 2,
    title: 'Tessera',
    icon: 'awards',
    category: 'widgets',
    attributes: { kind: { type: 'string', default: 'balance' } },
    edit: function (props) {
      var options = kinds.map(function (kind) {
        return { label: kind, value: kind };
      });
      var choose = function (kind) {
        props.setAttributes({ kind: kind });
      };
      return box('Tessera', el(parts.SelectControl, { value: props.attributes.kind, options: options, onChange: choose }));
    },
    save: function () {
      return null;
    },
  });

  wp.blocks.registerBlockType('tessera/gate', {
    apiVersion: 2,
    title: 'Tessera gate',
    icon: 'lock',
    category: 'widgets',
    attributes: { content: { type: 'string', default: '' }, tier: { type: 'string', default: '' } },
    edit: function (props) {
      var field = function (name) {
        return el(parts.TextControl, {
          key: name,
          label: name,
          value: props.attributes[name],
          onChange: function (value) {
            var told = {};
            told[name] = value;
            props.setAttributes(told);
          },
        });
      };
      return el('div', editor.useBlockProps(), field('tier'), field('content'), el(editor.InnerBlocks));
    },
    save: function () {
      return el(editor.InnerBlocks.Content);
    },
  });
})(window.wp, window.tesseraKinds);
