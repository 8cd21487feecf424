// The two blocks in the editor. What they show comes from the server; here they are named boxes.
(function (wp, kinds) {
  var el = wp.element.createElement;
  var editor = wp.blockEditor;
  var parts = wp.components;

  function box(label, children) {
    return el('div', editor.useBlockProps(), el.apply(null, [parts.Placeholder, { icon: 'awards', label: label }].concat(children)));
  }

  function set(props, name) {
    return function (value) {
      var told = {};
      told[name] = value;
      props.setAttributes(told);
    };
  }

  function field(props, name) {
    return el(parts.TextControl, { key: name, label: name, value: props.attributes[name], onChange: set(props, name) });
  }

  var attributes = { kind: { type: 'string', default: 'balance' } };
  Object.keys(kinds).forEach(function (kind) {
    kinds[kind].forEach(function (name) {
      attributes[name] = { type: 'string', default: '' };
    });
  });

  wp.blocks.registerBlockType('tessera/element', {
    apiVersion: 2,
    title: 'Tessera',
    icon: 'awards',
    category: 'widgets',
    attributes: attributes,
    edit: function (props) {
      var told = props.attributes;
      var options = Object.keys(kinds).map(function (kind) {
        return { label: kind, value: kind };
      });
      var choose = el(parts.SelectControl, { value: told.kind, options: options, onChange: set(props, 'kind') });
      var more = (kinds[told.kind] || []).map(function (name) {
        return field(props, name);
      });
      return box('Tessera', [choose].concat(more, el(editor.InnerBlocks)));
    },
    save: function () {
      return el(editor.InnerBlocks.Content);
    },
  });

  wp.blocks.registerBlockType('tessera/gate', {
    apiVersion: 2,
    title: 'Tessera gate',
    icon: 'lock',
    category: 'widgets',
    attributes: { content: { type: 'string', default: '' }, tier: { type: 'string', default: '' } },
    edit: function (props) {
      return el('div', editor.useBlockProps(), field(props, 'tier'), field(props, 'content'), el(editor.InnerBlocks));
    },
    save: function () {
      return el(editor.InnerBlocks.Content);
    },
  });
})(window.wp, window.tesseraKinds);
