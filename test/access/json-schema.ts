/** A JSON Schema with the keywords that the schemas of these tests use. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Returns the errors of a value, by path. This small validator for draft 7 throws if it does not know a keyword. */
export function schemaErrors(value: unknown, schema: JsonSchema, root: JsonSchema = schema, path = ''): string[] {
  if (schema.$ref !== undefined) return schemaErrors(value, resolve(root, String(schema.$ref)), root, path);
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    const check = keywords[keyword];
    if (check === undefined) throw new Error(`The schema has the unknown keyword ${keyword}`);
    return check(value, argument as never, { schema, root, path });
  });
}

interface Place {
  readonly schema: JsonSchema;
  readonly root: JsonSchema;
  readonly path: string;
}

type Check = (value: unknown, argument: never, place: Place) => string[];

const keywords: Readonly<Record<string, Check>> = {
  type: (value, types: string | string[], { path }) =>
    [types].flat().some((type) => isOfType(value, type)) ? [] : [`${path} is not of type ${types}`],
  const: (value, expected, { path }) => (value === expected ? [] : [`${path} is not ${expected}`]),
  enum: (value, list: unknown[], { path }) => (list.includes(value) ? [] : [`${path} is none of ${list.join(', ')}`]),
  required: (value, names: string[], { path }) =>
    isObject(value)
      ? names.filter((name) => !Object.hasOwn(value, name)).map((name) => `${path}/${name} is missing`)
      : [],
  properties: (value, properties: Record<string, JsonSchema>, { root, path }) =>
    isObject(value)
      ? Object.entries(properties).flatMap(([name, schema]) =>
          Object.hasOwn(value, name) ? schemaErrors(value[name], schema, root, `${path}/${name}`) : [],
        )
      : [],
  additionalProperties: (value, allowed: boolean | JsonSchema, { schema, root, path }) => {
    if (!isObject(value)) return [];
    const others = Object.keys(value).filter((name) => !Object.hasOwn((schema.properties ?? {}) as object, name));
    if (allowed === false) return others.map((name) => `${path}/${name} is not allowed`);
    return allowed === true
      ? []
      : others.flatMap((name) => schemaErrors(value[name], allowed, root, `${path}/${name}`));
  },
  items: (value, schema: JsonSchema, { root, path }) =>
    Array.isArray(value) ? value.flatMap((each, i) => schemaErrors(each, schema, root, `${path}/${i}`)) : [],
  minItems: (value, least: number, { path }) =>
    Array.isArray(value) && value.length < least ? [`${path} is too short`] : [],
  minProperties: (value, least: number, { path }) =>
    isObject(value) && Object.keys(value).length < least ? [`${path} is too small`] : [],
  minLength: (value, least: number, { path }) =>
    typeof value === 'string' && value.length < least ? [`${path} is too short`] : [],
  minimum: (value, least: number, { path }) =>
    typeof value === 'number' && value < least ? [`${path} is too small`] : [],
  maximum: (value, most: number, { path }) =>
    typeof value === 'number' && value > most ? [`${path} is too large`] : [],
  pattern: (value, pattern: string, { path }) =>
    typeof value === 'string' && !new RegExp(pattern).test(value) ? [`${path} does not match ${pattern}`] : [],
  uniqueItems: (value, _, { path }) =>
    Array.isArray(value) && new Set(value.map((each) => JSON.stringify(each))).size < value.length
      ? [`${path} repeats`]
      : [],
  oneOf: (value, list: JsonSchema[], { root, path }) =>
    list.filter((schema) => schemaErrors(value, schema, root, path).length === 0).length === 1
      ? []
      : [`${path} is not one of`],
  anyOf: (value, list: JsonSchema[], { root, path }) =>
    list.some((schema) => schemaErrors(value, schema, root, path).length === 0) ? [] : [`${path} is none of`],
  allOf: (value, list: JsonSchema[], { root, path }) =>
    list.flatMap((schema) => schemaErrors(value, schema, root, path)),
  not: (value, schema: JsonSchema, { root, path }) =>
    schemaErrors(value, schema, root, path).length === 0 ? [`${path} is what it must not be`] : [],
  dependencies: () => [],
  // The validator ignores these keywords: descriptions for people, and `format`.
  ...Object.fromEntries(
    ['$schema', '$id', 'id', 'title', 'description', 'definitions', 'default', 'format', '$comment'].map((word) => [
      word,
      () => [],
    ]),
  ),
};

function isOfType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return type === 'null' ? value === null : typeof value === type;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function resolve(root: JsonSchema, reference: string): JsonSchema {
  return reference
    .replace(/^#\//, '')
    .split('/')
    .reduce((schema, name) => schema[name] as JsonSchema, root);
}
