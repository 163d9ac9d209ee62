/* global SwaggerUIBundle */
const labelled = ({ createElement }, text, Original, props) => (
  createElement('label', null, text && createElement('span', { className: 'unseen' }, text), createElement(Original, props)));

// What its parts lack for those who hear the page.
const mended = () => ({ wrapComponents: {
  // A link inside of the button that opens its operation is two things in one place: the button alone writes the address as well.
  DeepLink: (_, { React }) => ({ text }) => React.createElement('span', null, text),
  // A word beside a field is not its name, unless it is its label.
  ExamplesSelect: (Original, { React }) => (props) => labelled(React, props.showLabels === false && 'Examples', Original, props),
  JsonSchemaForm: (Original, { React }) => (props) => labelled(React, props.description, Original, props),
} });

// Everything comes from this server: no validator, no other document than its own.
SwaggerUIBundle({
  plugins: [mended],
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  validatorUrl: null,
  queryConfigEnabled: false,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
});
