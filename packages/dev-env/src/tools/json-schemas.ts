/** A JSON schema, or a part of one. */
export type Schema = Record<string, unknown>

interface Swagger {
  definitions: Record<string, Schema>
}

interface Crd {
  kind?: string
  spec: {
    group: string
    names: { kind: string }
    versions: { name: string; schema: { openAPIV3Schema: Schema } }[]
  }
}

/**
 * A schema for each kind of Kubernetes' API, complete in itself, by the name of the file that kubeconform looks for.
 * @param swagger Kubernetes' api/openapi-spec/swagger.json
 */
export function ofKubernetes({ definitions }: Swagger): Map<string, Schema> {
  const schemas = new Map<string, Schema>()
  for (const [name, definition] of Object.entries(definitions)) {
    if (/\.(DeleteOptions|WatchEvent)$/.test(name)) continue // a kind of each group, in no file
    for (const { group, version, kind } of kindsOf(definition)) {
      const schema = closed(inlined(definition, definitions, [name])) as Schema
      orNull(schema)
      schema.properties = {
        ...(schema.properties as object),
        apiVersion: { enum: [group ? `${group}/${version}` : version] },
        kind: { enum: [kind] },
      }
      schema.required = [...new Set([...((schema.required as string[]) ?? []), 'apiVersion', 'kind'])]
      const parts = [kind, ...(group ? [group.split('.')[0]] : []), version]
      schemas.set(`${parts.join('-').toLowerCase()}.json`, schema)
    }
  }
  return schemas
}

/** A schema for each version of a CustomResourceDefinition, by group, kind and version. */
export function ofCrd({ kind, spec }: Crd): Map<string, Schema> {
  if (kind !== 'CustomResourceDefinition') return new Map()
  return new Map(
    spec.versions.map(({ name, schema: { openAPIV3Schema } }) => {
      const schema = closed(openAPIV3Schema) as Schema
      schema.properties = {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        ...(schema.properties as object),
        metadata: { type: 'object' },
      }
      return [`${spec.group}/${spec.names.kind.toLowerCase()}_${name}.json`, schema]
    }),
  )
}

const kindsOf = (definition: Schema) =>
  (definition['x-kubernetes-group-version-kind'] ?? []) as {
    group: string
    version: string
    kind: string
  }[]

/** Puts in place of each reference what it refers to. @param within the definitions that this is a part of */
function inlined(node: unknown, definitions: Record<string, Schema>, within: string[]): unknown {
  if (Array.isArray(node)) return node.map(each => inlined(each, definitions, within))
  if (!isObject(node)) return node
  if (typeof node.$ref !== 'string')
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, inlined(value, definitions, within)]),
    )
  const name = node.$ref.slice('#/definitions/'.length)
  if (within.includes(name)) return {} // a type that contains itself stays open there
  if (name.endsWith('.Quantity')) return { type: ['string', 'number'] }
  return inlined(definitions[name], definitions, [...within, name])
}

/** Closes each object that lists its properties, as the API server is strict about fields that it doesn't know. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed)
  if (!isObject(node)) return node
  const schema = Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (key === 'properties' && isObject(value))
        return [key, Object.fromEntries(Object.entries(value).map(([name, of]) => [name, closed(of)]))]
      return [key, notSchemas.has(key) ? value : closed(value)]
    }),
  )
  if (schema['x-kubernetes-embedded-resource']) schema.additionalProperties = true
  else if (isObject(schema.properties) && !schema['x-kubernetes-preserve-unknown-fields'])
    schema.additionalProperties ??= false
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') {
    for (const key of ['format', 'anyOf', 'oneOf']) delete schema[key]
    schema.type = ['string', 'integer']
  }
  if (schema.nullable) allowNull(schema)
  return schema
}

/** Whose values are no schemas, though they may look like one. */
const notSchemas = new Set(['enum', 'default', 'example', 'required'])

/** The API server takes null for a field that may be left out. */
function orNull(node: unknown): void {
  if (Array.isArray(node)) node.forEach(orNull)
  if (!isObject(node)) return
  const { properties = {}, required = [], ...rest } = node
  for (const [name, property] of Object.entries(properties as Record<string, Schema>)) {
    if (!(required as string[]).includes(name)) allowNull(property)
    orNull(property)
  }
  Object.values(rest).forEach(orNull)
}

function allowNull(schema: Schema): void {
  if (schema.type !== undefined) schema.type = [...new Set([schema.type, 'null'].flat())]
}

const isObject = (node: unknown): node is Schema =>
  typeof node === 'object' && node !== null && !Array.isArray(node)
