// Values that fit a schema of the description, as arbitraries of fast-check. Knows the keywords that the
// schemas of requests use, and refuses others rather than leaving them out; what `dependentSchemas` says is
// for the caller to filter.
import fc from 'fast-check';
import { at } from './api.mjs';

const ITEMS_MAX = 8; // of a list, but for the one time in ten that it is as long as it may be
const KNOWN = new Set(['$ref', 'type', 'enum', 'const', 'oneOf', 'anyOf', 'allOf', 'pattern', 'minLength', 'maxLength',
  'minimum', 'maximum', 'items', 'minItems', 'maxItems', 'uniqueItems', 'properties', 'required',
  'additionalProperties', 'dependentSchemas', 'description', 'default', 'examples', 'format']);

export function fitting(pointer) {
  const node = at(pointer);
  if (node.$ref) return fitting(node.$ref.slice(1));
  const unknown = Object.keys(node).filter((key) => !KNOWN.has(key) && !key.startsWith('x-'));
  if (unknown.length > 0) throw new Error(`${pointer}: ${unknown}`);
  if ('const' in node) return fc.constant(node.const);
  if (node.enum) return fc.constantFrom(...node.enum);
  if (node.properties) return object(pointer, node);
  for (const key of ['oneOf', 'anyOf', 'allOf']) {
    if (node[key]) return fc.oneof(...node[key].map((_, i) => fitting(`${pointer}/${key}/${i}`)));
  }
  return fc.oneof(...[node.type].flat().map((type) => BY_TYPE[type](node, pointer)));
}

const BY_TYPE = {
  null: () => fc.constant(null),
  boolean: () => fc.boolean(),
  integer: (node) => fc.bigInt({ min: BigInt(node.minimum ?? 0), max: BigInt(node.maximum ?? Number.MAX_SAFE_INTEGER) })
    .map(Number),
  string,
  array: list,
};

function string(node) {
  const { minLength = 0, maxLength = 64 } = node;
  const free = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 64) });
  const longest = fc.constantFrom('a', 'ü', '𝄞').map((one) => one.repeat(maxLength));
  if (!node.pattern) return fc.oneof({ weight: 9, arbitrary: free }, { weight: 1, arbitrary: longest });
  const pattern = new RegExp(node.pattern, 'u');
  const fits = (text) => pattern.test(text) && text.length >= minLength && [...text].length <= maxLength;
  if (node.pattern.startsWith('^[^')) return fc.oneof({ weight: 9, arbitrary: free.filter(fits) }, longest);
  // One class of characters, any number of them: as many as the limits say.
  const bounded = node.pattern.replace(/^(\^\[[^\]]+\])\+\$$/, `$1{${minLength},${maxLength}}$`);
  return fc.stringMatching(new RegExp(bounded)).filter(fits);
}

function list(node, pointer) {
  const { minItems: minLength = 0, maxItems = ITEMS_MAX } = node;
  const make = node.uniqueItems ? fc.uniqueArray : fc.array;
  const few = make(fitting(`${pointer}/items`), { minLength, maxLength: Math.min(maxItems, ITEMS_MAX) });
  const full = fc.constant(Array.from({ length: maxItems }, (_, i) => i + 1));
  const numeric = at(`${pointer}/items`).$ref === '#/components/schemas/FileId';
  return numeric ? fc.oneof({ weight: 9, arbitrary: few }, { weight: 1, arbitrary: full }) : few;
}

// With `oneOf` lists of required members: the members of one of them and none of the others'.
function object(pointer, node) {
  const names = Object.keys(node.properties);
  const choices = node.oneOf?.map((one) => one.required) ?? [[]];
  return fc.oneof(...choices.map((chosen) => {
    const excluded = choices.flat().filter((name) => !chosen.includes(name));
    const kept = names.filter((name) => !excluded.includes(name));
    const members = Object.fromEntries(kept.map((name) => [name, fitting(`${pointer}/properties/${name}`)]));
    return fc.record(members, { requiredKeys: [...(node.required ?? []), ...chosen] });
  }));
}
