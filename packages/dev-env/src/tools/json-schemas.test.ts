import { expect, test } from 'vitest'
import { ofCrd, ofKubernetes } from './json-schemas.ts'

const kind = { group: 'apps', version: 'v1', kind: 'Deployment' }
const of = (properties: object, more: object = {}, others: object = {}) =>
  ofKubernetes({
    definitions: {
      Deployment: { type: 'object', properties, ...more, 'x-kubernetes-group-version-kind': [kind] },
      ...others,
    },
  }).get('deployment-apps-v1.json') as { properties: Record<string, unknown>; required: string[] }

test('a kind is named as kubeconform looks for it, and says what it is', () => {
  const schema = of({})
  expect(schema.properties).toEqual({ apiVersion: { enum: ['apps/v1'] }, kind: { enum: ['Deployment'] } })
  expect(schema.required).toEqual(['apiVersion', 'kind'])
})

test('unknown fields are refused, at every depth, but where the API keeps them', () => {
  const inner = { type: 'object', properties: { a: { type: 'string' } } }
  const keeps = { ...inner, 'x-kubernetes-preserve-unknown-fields': true }
  const whole = { ...inner, 'x-kubernetes-embedded-resource': true }
  const { properties, ...schema } = of({ inner, list: { type: 'array', items: inner }, keeps, whole })
  expect(schema).toMatchObject({ additionalProperties: false })
  expect(properties.inner).toMatchObject({ additionalProperties: false })
  expect(properties.list).toMatchObject({ items: { additionalProperties: false } })
  expect(properties.keeps).not.toHaveProperty('additionalProperties')
  expect(properties.whole).toMatchObject({ additionalProperties: true })
})

test('null is taken for what may be left out, and for nothing else', () => {
  const { properties } = of({ must: { type: 'string' }, may: { type: 'string' } }, { required: ['must'] })
  expect(properties).toMatchObject({ must: { type: 'string' }, may: { type: ['string', 'null'] } })
})

test('a reference is followed, and a type that contains itself is open there', () => {
  const inner = { $ref: '#/definitions/Inner' }
  const { properties } = of(
    { inner, size: { $ref: '#/definitions/api.Quantity' } },
    {},
    {
      Inner: { type: 'object', properties: { again: inner } },
    },
  )
  expect(properties.inner).toEqual({
    type: ['object', 'null'],
    properties: { again: {} },
    additionalProperties: false,
  })
  expect(properties.size).toEqual({ type: ['string', 'number', 'null'] })
})

test('a field may be called as a word of schemas', () => {
  const { properties } = of({ required: { type: 'object', properties: { properties: { type: 'string' } } } })
  expect(properties.required).toMatchObject({
    type: ['object', 'null'],
    properties: { properties: { type: ['string', 'null'] } },
    additionalProperties: false,
  })
})

test('each version of a custom resource has a schema, which takes numbers where they may stand for text', () => {
  const port = { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }
  const spec = { type: 'object', properties: { port, size: { type: 'integer', nullable: true } } }
  const version = (name: string) => ({
    name,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
  })
  const schemas = ofCrd({
    kind: 'CustomResourceDefinition',
    spec: { group: 'shop.example.com', names: { kind: 'Dish' }, versions: [version('v1'), version('v2')] },
  })
  expect([...schemas.keys()]).toEqual(['shop.example.com/dish_v1.json', 'shop.example.com/dish_v2.json'])
  expect(schemas.get('shop.example.com/dish_v2.json')).toMatchObject({
    properties: {
      metadata: { type: 'object' },
      spec: {
        properties: { port: { type: ['string', 'integer'] }, size: { type: ['integer', 'null'] } },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  })
})

test('what is no definition of a custom resource brings no schema', () => {
  expect(ofCrd({ kind: 'Namespace' } as never).size).toBe(0)
})
