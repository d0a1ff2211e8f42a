import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import { describe, expect, it } from 'vitest'
import { compileTemplate, scopeOf, type TemplateOptions } from './template.ts'

const event = {
  key: Buffer.from('k-1'),
  value: Buffer.from('{"id": "o/1 2", "big": 12345678901234567890, "o": {"a": [1]}, "none": null, "n": 1}'),
  headers: { 'x-tenant': 'blue' },
  source: 'IN[3]@17',
  topic: 'IN',
  partition: 3,
  offset: '17',
}
const response = { status: 201, headers: { 'x-cost': '7' }, body: Buffer.from('{"ticket": 5}') }
const filled = (text: string, options: TemplateOptions = {}) =>
  compileTemplate(text, options)(scopeOf(event, options.ofResult ? response : undefined))

describe('a template', () => {
  it.each([
    ['no template at all', 'no template at all'],
    ['{{ key }} {{ topic }}[{{ partition }}]@{{ offset }}', 'k-1 IN[3]@17'],
    ['{{ headers.x-tenant }} {{ headers["x-tenant"] | upcase }}', 'blue BLUE'],
    ['{{ body.id }}', 'o/1 2'],
    ['{{ body.none }}', ''],
    ['{% if body.missing %}yes{% else %}no{% endif %}', 'no'],
    ['{{ body.missing | default: "none" }}', 'none'],
    ['{% assign x = body.n | plus: 1 %}{{ x }}', '2'],
  ])('%s: %s', (text, expected) => {
    expect(filled(text)).toBe(expected)
  })

  it('writes lists and mappings as JSON', () => {
    expect(filled('{{ body.o }} {{ body.o.a }} {{ body.o | json }}')).toBe('{"a":[1]} [1] {"a":[1]}')
  })

  it('keeps every digit of a number', () => {
    expect(filled('{{ body.big }}')).toBe('12345678901234567890')
    expect(filled('{{ body | json }}')).toContain('"big":12345678901234567890,')
  })

  it('of a result speaks of the response as well', () => {
    expect(
      filled('{{ response.status }} {{ response.body.ticket }} {{ response.headers.x-cost }}', {
        ofResult: true,
      }),
    ).toBe('201 5 7')
  })

  it('of a URL encodes what comes from the event, once', () => {
    const text = 'http://host/{{ body.id }}?a={{ body.id | url_encode }}&b={{ body.id | raw }}'
    expect(filled(text, { inUrl: true })).toBe('http://host/o%2F1%202?a=o%2F1%202&b=o/1 2')
  })

  describe.each([null, '', ' ', '\t\n'])('of a URL, for the id %j', id => {
    const of = (text: string) =>
      compileTemplate(text, { inUrl: true })(
        scopeOf({ ...event, key: null, value: Buffer.from(JSON.stringify({ id })) }),
      )

    it.each([
      'http://h/orders/k1/items/{{ body.id }}',
      'http://h/items/{{ body.id }}/note',
      'http://h/item-{{ body.id }}?all=no',
      'http://h/items/{{ body.id | raw }}',
      'http://h/items/{{ body.id | url_encode }}',
      'http://h/items/{{ body.id | strip }}',
      'http://h/items/{% echo body.id %}',
      'http://h/items/{% liquid echo body.id %}',
      'http://h/{% if true %}items/{{ body.id }}{% endif %}',
      'http://{{ body.id | raw }}/items',
    ])('%s makes a dead letter, as its path would lack a part', text => {
      expect(() => of(text)).toThrow(
        new UnreadableRecordError('the event has no body.id for the path of the URL'),
      )
    })
  })

  it.each([
    ['http://h/items/{{ key }}', 'the event has no key for the path of the URL'],
    ['http://h/items/{{ body.id | default: key }}', 'the event has no body.id for the path of the URL'],
  ])('of a URL makes a dead letter where the key is the part that lacks: %s', (text, reason) => {
    const scope = scopeOf({ ...event, key: null, value: Buffer.from('{"id": null}') })
    expect(() => compileTemplate(text, { inUrl: true })(scope)).toThrow(new UnreadableRecordError(reason))
  })

  it.each([
    ['http://h/items/{{ body.id | default: "none" }}', 'http://h/items/none'],
    ['http://h/items/{{ body.id | default: "" | url_encode }}', 'http://h/items/'],
    ['http://h/items{% if body.id %}/{{ body.id }}{% endif %}', 'http://h/items'],
    ['http://h/items?id={{ body.id }}', 'http://h/items?id='],
    ['http://h/items/{{ body.zero }}/{{ body.no }}', 'http://h/items/0/false'],
  ])('of a URL may say itself what is there without an id: %s', (text, url) => {
    const value = Buffer.from('{"id": null, "zero": 0, "no": false}')
    expect(compileTemplate(text, { inUrl: true })(scopeOf({ ...event, value }))).toBe(url)
  })

  it('of an event without JSON sees its text', () => {
    expect(compileTemplate('<{{ body }}>')(scopeOf({ ...event, value: Buffer.from('Hello') }))).toBe(
      '<Hello>',
    )
  })

  it('sees JSON behind a byte order mark', () => {
    const value = Buffer.from('\uFEFF{"id": 7}')
    expect(compileTemplate('{{ body.id }}')(scopeOf({ ...event, value }))).toBe('7')
  })

  it('of an event without a key sees none', () => {
    expect(compileTemplate('<{{ key }}>')(scopeOf({ ...event, key: null }))).toBe('<>')
  })

  it.each([
    ['{{ body.missing.deep }}', 'the event has no body.missing for the template'],
    ['{{ headers.x-none }}', 'the event has no headers.x-none for the template'],
  ])('%s makes a dead letter: %s', (text, reason) => {
    expect(() => filled(text)).toThrow(new UnreadableRecordError(reason))
  })

  it('says no value when a filter fails', () => {
    const failing = () => filled('{{ "%E0%" | append: body.id | url_decode }}')
    expect(failing).toThrow(
      new UnreadableRecordError('the template can not be filled in (line 1, column 1 of it)'),
    )
  })

  it.each([
    ['{{ bdy.id }}', 'unknown variable bdy; did you mean body?'],
    [
      '{{ response.status }}',
      'unknown variable response: there is key, headers, body, topic, partition or offset',
    ],
    ['{{ body | jsn }}', 'unknown filter jsn; did you mean json?'],
    ['{% fr x in body %}', 'unknown tag fr; did you mean for?'],
    ['a {{ body', 'a {{ or {% is not closed (line 1, column 3 of it)'],
    ['{% if body %}', 'a {{ or {% is not closed (line 1, column 1 of it)'],
    ['{% render "/etc/hostname" %}', 'is no Liquid template'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => compileTemplate(text)).toThrow(message)
  })
})

it('the body is parsed when it is used, and once', () => {
  let reads = 0
  const value = Object.assign(Buffer.from('{"a":1}'), {
    toString: () => {
      reads++
      return '{"a":1}'
    },
  })
  const scope = scopeOf({ ...event, value })
  compileTemplate('{{ key }}')(scope)
  expect(reads).toBe(0)
  compileTemplate('{{ body.a }}{{ body.a }}')(scope)
  expect(reads).toBe(1)
})
