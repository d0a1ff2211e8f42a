import { expect, it } from 'vitest'
import { jsonBody, withFields } from './request-value.ts'

const put = (body: string, fields: Record<string, string>) =>
  withFields(jsonBody(Buffer.from(body), 'application/json'), fields)

it.each([
  ['{}', '{"id":"1"}'],
  ['{ }', '{"id":"1"}'],
  [' {"a":1} ', '{"id":"1","a":1}'],
  ['{"a":12345678901234567890, "b": 1.10}', '{"id":"1","a":12345678901234567890, "b": 1.10}'],
  ['{"a":1,"id":"mine"}', '{"a":1,"id":"1"}'],
  ['{"\\u0069d":"mine"}', '{"id":"1"}'],
  ['\uFEFF{"a":1}', '{"id":"1","a":1}'],
  ['{"__proto__":{"id":"x"}}', '{"id":"1","__proto__":{"id":"x"}}'],
])('%s gets the id, and is else as it was', (body, value) => {
  expect(put(body, { id: '1' })).toBe(value)
  expect(JSON.parse(value).id).toBe('1')
})

it('nothing to put in changes nothing', () => {
  expect(put('{"a": 1}', {})).toBe('{"a": 1}')
})

it.each([
  ['', 400],
  ['{', 400],
  ['a=b', 400],
  ['{"a":1}}', 400],
  ['[]', 422],
  ['null', 422],
  ['"text"', 422],
  ['1', 422],
])('%s is no JSON object: %i', (body, status) => {
  expect(() => jsonBody(Buffer.from(body), 'application/json')).toThrow(expect.objectContaining({ status }))
})

it.each([
  ['text/plain', 415],
  ['application/jsonx', 415],
  ['application/x-www-form-urlencoded', 415],
])('%s is no JSON', (type, status) => {
  expect(() => jsonBody(Buffer.from('{}'), type)).toThrow(expect.objectContaining({ status }))
})

it.each([undefined, 'application/json; charset=utf-8', 'application/vnd.a+json'])('%s is JSON', type => {
  expect(jsonBody(Buffer.from('{}'), type).json).toEqual({})
})
