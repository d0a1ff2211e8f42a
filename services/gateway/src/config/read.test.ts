import { expect, it } from 'vitest'
import { parseGateway } from './read.ts'

const said = (text: string, env: NodeJS.ProcessEnv = {}) =>
  parseGateway(text, env).faults?.map(
    ({ line, path, message }) => `${line}: ${path ? `${path}: ` : ''}${message}`,
  )

const route = `
routes:
  - path: /quotes
    topic: quote-requests
    feedbackTopic: quote-replies
`

it('a route needs a path and two topics; all else has a default', () => {
  expect(parseGateway(route, {}).data).toMatchObject({
    kafka: { 'bootstrap.servers': 'localhost:9092' },
    createTopics: false,
    callsTopic: 'gateway-calls',
    routes: [
      {
        method: 'POST',
        key: 'correlationId',
        timeoutMs: 10_000,
        correlationId: { header: ['Kong-Request-ID', 'X-Request-ID'], field: 'correlation_id' },
        replies: { header: 'correlation_id', field: 'correlation_id', statusHeader: 'response_status' },
      },
    ],
  })
})

it('all that is wrong is said at once, each with its line', () => {
  const text = `kafka: { bootstrap.server: a }
retainMs: 1
routes:
  - path: quotes
    topc: quote-requests
    feedbackTopic: quote replies
    method: FETCH
    timeoutMs: soon
  - path: /a/{x}
    topic: same
    feedbackTopic: same
    schema: { type: objekt }
  - path: /a/{y}
    topic: gateway-calls
    feedbackTopic: b
    key: body
`
  expect(said(text)).toEqual([
    '1: kafka.bootstrap.server: no property of librdkafka; did you mean bootstrap.servers?',
    '1: kafka.bootstrap.servers: must be given',
    '2: retainMs: must be at least 1000',
    '4: routes[0].path: must be like /quotes or /restaurants/{id}/quotes',
    '4: routes[0].topic: must be given',
    '5: routes[0].topc: unknown key; did you mean topic?',
    '6: routes[0].feedbackTopic: can have letters, digits, ".", "_" and "-" alone',
    '7: routes[0].method: must be GET, POST, PUT, PATCH or DELETE; did you mean PATCH?',
    '8: routes[0].timeoutMs: must be a number',
    '11: routes[1].feedbackTopic: must be another topic than the requests go to: they would be their own replies',
    '12: routes[1].schema: is no JSON Schema 2020-12: data/type must be equal to one of the allowed values, data/type must be array, data/type must match a schema in anyOf',
    '13: routes[2].path: another route has POST and this path',
    '16: routes[2].key: must be correlationId, or such as body.customer.id, path.id, query.id or header.X-Tenant',
  ])
})

it('two routes of one path and method are one too many, of two methods not', () => {
  const twice = `${route}${route.replace('\nroutes:\n', '')}`
  expect(said(twice)).toEqual(['6: routes[1].path: another route has POST and this path'])
  expect(said(`${twice}    method: PUT\n`)).toBeUndefined()
})

it.each([
  ['/health/ready', 'is a path of the gateway itself'],
  ['/replies', 'is a path of the gateway itself'],
  ['/openapi.json', 'is a path of the gateway itself'],
  ['/a/{x}/{x}', 'has two parameters of one name'],
  ['/a/', 'must be like /quotes or /restaurants/{id}/quotes'],
  ['/(a|b)*', 'must be like /quotes or /restaurants/{id}/quotes'],
  ['/a?b', 'must be like /quotes or /restaurants/{id}/quotes'],
])('%s %s', (path, message) => {
  expect(said(route.replace('/quotes', JSON.stringify(path)))).toEqual([`3: routes[0].path: ${message}`])
})

it.each([
  ['schema: 1', 'schema: must be a JSON Schema: a mapping'],
  [
    'schema: { minLenght: 1 }',
    'schema: is no JSON Schema 2020-12: strict mode: unknown keyword: "minLenght"',
  ],
  ['schema: { pattern: "(" }', 'schema: is no JSON Schema 2020-12: Invalid regular expression'],
  [
    'schema: { $ref: "#/$defs/none" }',
    "schema: is no JSON Schema 2020-12: can't resolve reference #/$defs/none from id #",
  ],
  ['replies: { statusHeader: "a b" }', 'replies.statusHeader: is no name of a header'],
  ['replies: { headers: [Content-Length] }', "replies.headers[0]: is HTTP's own, and can't be set"],
  ['headers: [Transfer-Encoding]', "headers[0]: is HTTP's own, and can't be set"],
  ['correlationId: { header: "X:Y" }', 'correlationId.header[0]: is no name of a header'],
  ['correlationId: { field: "a.b" }', 'correlationId.field: can have letters, digits, "_" and "-" alone'],
  ['body: bytes\n    key: body.id', 'key: needs body: json'],
])('%s is refused in words', (line, fault) => {
  const faults = said(`${route}    ${line}\n`)
  expect(faults).toHaveLength(1)
  expect(faults?.[0]).toContain(`routes[0].${fault}`)
})

it('API keys are of the environment or of files, of one name each, and not repeated in words', () => {
  const keys = (...lines: string[]) => `${route}apiKeys:\n${lines.map(line => `  - ${line}\n`).join('')}`
  const one = `{ name: shop, key: "\${KEY}" }`
  expect(said(keys(one), { KEY: 'k'.repeat(16) })).toBeUndefined()
  expect(said(keys(one))).toEqual(['7: apiKeys[0].key: the environment has no KEY'])
  expect(said(keys(one), { KEY: 'short' })).toEqual(['7: apiKeys[0].key: must have at least 16 characters'])
  expect(said(keys(one, one), { KEY: 'k'.repeat(16) })).toEqual([
    '8: apiKeys[1].name: another key has this name',
  ])
  expect(said(keys('{ name: shop }'))).toEqual(['7: apiKeys[0]: give key or keyFile'])
  expect(said(keys('{ name: shop, keyFile: /no/such }'))).toEqual([
    '7: apiKeys[0].keyFile: there is no such file',
  ])
})

it('what Kafka is reached by is as in eventor; what the gateway decides itself can not be set', () => {
  const kafka = (line: string) => said(`${route}kafka: { bootstrap.servers: a, ${line} }\n`)
  expect(kafka('linger.ms: 5, compression.type: zstd, socket.keepalive.enable: true')).toBeUndefined()
  expect(kafka('group.id: a')).toEqual([
    '6: kafka.group.id: can not be set here: the program itself decides it',
  ])
  expect(kafka('security.protocol: sasl_ssl')).toContain(
    '6: kafka.sasl.mechanism: must be given: plain, scram-sha-256 or scram-sha-512',
  )
  expect(said(`${route}cors: [https://a.example/]\n`)).toEqual([
    '6: cors: must be origins as browsers send them, such as https://a.example',
  ])
})

it.each([
  ['', 'the file is empty: begin with "routes:"'],
  ['routes: []', 'routes: must not be empty'],
  ['{}', 'routes: must be given'],
])('%j has no route', (text, message) => {
  expect(said(text)).toEqual([`1: ${message}`])
})
