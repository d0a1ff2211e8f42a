import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parsePipelines, readPipelines } from './read.ts'

const folder = mkdtempSync(join(tmpdir(), 'eventor-'))
afterAll(() => rmSync(folder, { recursive: true }))

const sample = `- name: MY_FIRST_TOPIC-to-MY_RESPONSE_TOPIC
  logLevel: 0                     # 0 = DEBUG, 1 = INFO, 2 = WARN, 3 = ERROR
  eventListener:
    type: kafka
    topic: MY_FIRST_TOPIC
    consumerConfig:               # librdkafka's names
      bootstrap.servers: localhost, 127.0.0.1      # a list; port 9092 where none is given
      group.id: myVeryFirstGroup
      auto.offset.reset: earliest
      enable.auto.commit: false
  eventHandler:
    type: http
    method: POST
    url: http://localhost:8080/payload
    headers: { Content-Type: application/text, Authorization: Basic ... }
  eventResultProcessor:
    type: kafka
    topic: MY_RESPONSE_TOPIC
    when: [onSuccess]             # onSuccess: status < 400; onError: status >= 400
    producerConfig: { bootstrap.servers: localhost, acks: all }
`
const least = `- eventListener: {type: kafka, topic: IN, consumerConfig: {bootstrap.servers: a, group.id: g}}
  eventHandler: {type: http, url: "http://localhost"}
`

const faultsOf = (text: string, env: NodeJS.ProcessEnv = {}) =>
  parsePipelines(text, env).faults?.map(({ line, path, message }) => `${line} ${path}: ${message}`)

it('the sample file is read as it is', () => {
  const file = join(folder, 'sample.yaml')
  writeFileSync(file, sample)
  expect(readPipelines(file, {}).pipelines).toMatchObject([
    {
      name: 'MY_FIRST_TOPIC-to-MY_RESPONSE_TOPIC',
      logLevel: 0,
      concurrency: 1,
      delivery: 'at-least-once',
      eventHandler: { method: 'POST', timeoutMs: 30_000, passHeaders: [] },
      errorHandling: {
        maxAttempts: 10,
        backoff: { firstMs: 200, longestMs: 60_000 },
        deadLetterTopic: 'MY_FIRST_TOPIC.dead-letters',
      },
      eventResultProcessor: { when: ['onSuccess'], passHeaders: [] },
    },
  ])
})

it("the README's example is right", () => {
  const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8')
  const [, example = ''] = /```yaml\n(.*?)```/s.exec(readme) ?? []
  expect(parsePipelines(example, {}).pipelines).toHaveLength(1)
})

it('a pipeline without a name gets one from its topics', () => {
  const processor = '  eventResultProcessor: {type: nats, servers: ["nats://a"], subject: out.x}\n'
  expect(parsePipelines(least, {}).pipelines?.map(({ name }) => name)).toEqual(['IN'])
  expect(parsePipelines(least + processor, {}).pipelines?.map(({ name }) => name)).toEqual(['IN-to-out.x'])
})

it('a file with a byte order mark is the same file, and its lines are', () => {
  const file = join(folder, 'mark.yaml')
  writeFileSync(file, `\uFEFF${sample}`)
  expect(readPipelines(file, {})).toEqual(parsePipelines(sample, {}))
  writeFileSync(file, `\uFEFF${sample.replace('logLevel: 0', 'logLevel: 9')}`)
  expect(readPipelines(file, {}).faults).toMatchObject([{ line: 2, path: 'logLevel' }])
})

it.each([
  ['UTF-16', Buffer.from(`\uFEFF${sample}`, 'utf16le'), 'it is UTF-16: save the file as UTF-8'],
  ['ISO 8859-1', Buffer.from(`# a\n# é\n${sample}`, 'latin1'), 'line 2 is no UTF-8: save the file as UTF-8'],
])('a file in %s is an error in words', (_, content, message) => {
  const file = join(folder, 'other.yaml')
  writeFileSync(file, content)
  expect(() => readPipelines(file, {})).toThrow(message)
})

it('a file that is not there is an error', () => {
  expect(() => readPipelines(join(folder, 'none.yaml'), {})).toThrow('ENOENT')
})

describe('every fault is told with its line', () => {
  it('all at once, in the order of the lines', () => {
    const text = `- name: A
  logLevel: 9
  concurency: 3
  delivery: exactly-once
  eventListener:
    type: kafak
  eventHandler:
    type: http
    metod: POST
    url: htp://localhost
    headers:
      X-Number: 1
      X-Body: "{{ bdy }}"
      Content-Length: "3"
  errorHandling:
    retry: [503, 700]
    backoff: { firstMs: 5, longestMs: 1 }
  eventResultProcessor:
    type: kafka
    topic:
    when: []
    producerConfig:
      bootstrap.servers: a
      ack: all
- name: A
  eventHandler: hello
`
    expect(faultsOf(text)).toEqual([
      '2 logLevel: must be at most 3',
      '3 concurency: unknown key; did you mean concurrency?',
      '4 delivery: exactly-once needs an eventListener and an eventResultProcessor of type kafka',
      '6 eventListener.type: must be kafka, nats or rabbitmq; did you mean kafka?',
      '9 eventHandler.metod: unknown key; did you mean method?',
      '10 eventHandler.url: must be a URL: http://… or https://…',
      '12 eventHandler.headers.X-Number: must be text: put it in quotes',
      '13 eventHandler.headers.X-Body: unknown variable bdy; did you mean body?',
      "14 eventHandler.headers.Content-Length: is HTTP's own, and can't be set",
      '16 errorHandling.retry[1]: must be a status (404), all of a hundred (4xx), or network',
      '17 errorHandling.backoff.longestMs: must be at least firstMs',
      '20 eventResultProcessor.topic: has no value',
      '21 eventResultProcessor.when: names nothing: onSuccess, onError, or both',
      '24 eventResultProcessor.producerConfig.ack: no property of librdkafka; did you mean acks?',
      '25 eventListener: must be given',
      '25 name: another pipeline has this name',
      '26 eventHandler: must be a mapping of keys to values',
    ])
  })

  it.each([
    ['', 'the file is empty: begin with "- name:"'],
    ['# only a comment', 'the file is empty: begin with "- name:"'],
    ['[]', 'the list has no pipeline'],
    ['name: A', 'must be a list of pipelines: begin with "- name:"'],
    ['just words', 'must be a list of pipelines: begin with "- name:"'],
    ['- a: *b', 'refers to an anchor (&name) that is not there'],
    ['- a: "b', 'a quote, bracket, comma or colon is missing'],
    ['- a: [b', 'is indented wrongly, or a bracket is not closed'],
    ['- a: b: c', 'has a second ": " in one line: put the value in quotes'],
    ['- a: @b', 'a value that begins with this sign must be put in quotes'],
    [
      `- {a: \${B}}`,
      'has something here that does not belong here (a variable between { } or [ ] must be in quotes)',
    ],
  ])('%j: %s', (text, message) => {
    expect(faultsOf(text)).toEqual([`1 : ${message}`])
  })

  it.each([
    [`${least}---\n${least}`, '3 : only one document is read: remove the --- and what follows'],
    ['- a: 1\n  b: 2\n  a: 3\n', '3 : this key is there twice'],
    ['- a:\n\tb: 1\n', '2 : is indented by a tab: use blanks'],
  ])('%j: %s', (text, fault) => {
    expect(faultsOf(text)).toEqual([fault])
  })

  it.each([
    ['auth: {type: basic, username: u}', 'auth: give password or passwordFile'],
    ['auth: {type: bearer, token: abc, tokenFile: FILE}', 'auth: give token or tokenFile, not both'],
    ['auth: {type: bearer, tokenFile: /no/such/file}', 'auth.tokenFile: there is no such file'],
    ['auth: {type: baerer, token: abc}', 'auth.type: must be basic, bearer or oauth2; did you mean bearer?'],
    [
      'auth: {type: bearer, token: abc}\n    headers: {authorization: x}',
      'auth: give auth or the header Authorization, not both',
    ],
    ['tls: {certFile: FILE}', 'tls: certFile and keyFile belong together: give both, or none'],
    ['headers: {"a b": x}', 'headers.a b: is no name of a header'],
    ['headers: {a: "x\\ny"}', 'headers.a: has characters that HTTP can not hold, such as a line break'],
  ])('%s: %s', (line, fault) => {
    const file = join(folder, 'secret')
    writeFileSync(file, 'hush')
    const text = least.replace(
      '"http://localhost"}',
      `"http://localhost", ${line.replace('FILE', file).replace('\n   ', ',')}}`,
    )
    expect(faultsOf(text)).toEqual([`2 eventHandler.${fault}`])
  })

  it('but not a header in any language', () => {
    const text = least.replace(
      '"http://localhost"}',
      '"http://localhost", headers: {a: "Bestellung №1, 日本"}}',
    )
    expect(faultsOf(text)).toBeUndefined()
  })

  it('also through anchors and merges', () => {
    const text = `- eventListener: {type: kafka, topic: IN, consumerConfig: {<<: &kafka {bootstrap.servers: a}, group.id: g}}
  eventHandler: {type: http, url: "http://localhost"}
  eventResultProcessor:
    type: kafka
    topic: OUT
    producerConfig:
      <<: *kafka
      linger.ms: soon
`
    expect(faultsOf(text)).toEqual(['8 eventResultProcessor.producerConfig.linger.ms: must be a number'])
    expect(faultsOf(text.replace('soon', '5'))).toBeUndefined()
  })
})

describe('variables', () => {
  const text = least.replace(
    '"http://localhost"',
    () => `"\${URL}", timeoutMs: "\${TIMEOUT}", body: "$\${key} \${A}\${B}"`,
  )

  it('are replaced in every value, also where a number belongs', () => {
    const { pipelines, faults } = parsePipelines(text, { URL: 'http://a', TIMEOUT: '5', A: `\${B}`, B: '' })
    expect(faults).toBeUndefined()
    expect(pipelines?.[0]?.eventHandler).toMatchObject({
      url: 'http://a',
      timeoutMs: 5,
      body: `\${key} \${B}`,
    })
  })

  it('that are missing are told, and nothing else about their values', () => {
    expect(faultsOf(text, { A: '', B: '' })).toEqual([
      '2 eventHandler.url: the environment has no URL',
      '2 eventHandler.timeoutMs: the environment has no TIMEOUT',
    ])
  })

  it('never show their values in a fault', () => {
    const env = { URL: 'secret-url', TIMEOUT: 'secret-timeout', A: '{{ secret', B: '' }
    const faults = faultsOf(text, env)
    expect(faults).toHaveLength(3)
    expect(faults?.join()).not.toContain('secret')
  })
})

describe('exactly-once', () => {
  const pipeline = (brokers: string, acks = 'all') => `${least}  delivery: exactly-once
  eventResultProcessor: {type: kafka, topic: OUT, producerConfig: {bootstrap.servers: "${brokers}", acks: ${acks}}}
`
  it('is for one and the same Kafka', () => {
    expect(faultsOf(pipeline('a:9092'))).toBeUndefined()
    expect(faultsOf(pipeline('b'))).toEqual([
      '3 delivery: exactly-once needs the same bootstrap.servers in consumerConfig and producerConfig',
    ])
  })

  it('needs the same login, and no compression', () => {
    const more = (text: string) => pipeline('a').replace('acks: all', text)
    expect(faultsOf(more('client.id: other'))).toBeUndefined()
    expect(faultsOf(more('security.protocol: ssl'))).toEqual([
      '3 delivery: exactly-once needs the same security.protocol in consumerConfig and producerConfig',
    ])
    expect(faultsOf(more('compression.type: gzip'))).toEqual([
      '3 delivery: exactly-once writes uncompressed: leave compression.type out of producerConfig',
    ])
  })

  it('needs acks: all', () => {
    expect(faultsOf(pipeline('a', '1'))).toEqual(['3 delivery: exactly-once needs acks: all'])
  })
})

describe('what would loop or lose is refused', () => {
  const pipeline = (topic: string, more = '') => `- eventListener:
    type: kafka
    topic: ${topic}
    consumerConfig: {bootstrap.servers: a, group.id: g}
  eventHandler: {type: http, url: "http://localhost"}
${more}`

  it('two topics in one group, as kafkajs would lose one of them', () => {
    expect(faultsOf(`${pipeline('A')}${pipeline('B')}`)).toEqual([
      '9 eventListener.consumerConfig.group.id: another pipeline reads another topic in this group: each needs a group of its own',
    ])
  })

  it('dead letters or results that would be events again', () => {
    expect(faultsOf(pipeline('A', '  errorHandling: {deadLetterTopic: A}\n'))).toEqual([
      '6 errorHandling.deadLetterTopic: must be another one than the events come from: they would come back',
    ])
    const processor =
      '  eventResultProcessor: {type: kafka, topic: A, producerConfig: {bootstrap.servers: a}}\n'
    expect(faultsOf(pipeline('A', processor))).toEqual([
      '6 eventResultProcessor.topic: must be another one than the events come from: results would be events again',
    ])
  })

  it('results that would wait for company for longer than they may take', () => {
    const processor =
      '  eventResultProcessor: {type: kafka, topic: B, producerConfig: {bootstrap.servers: a, linger.ms: 3000}}\n'
    expect(faultsOf(pipeline('A', processor))).toEqual([
      '6 eventResultProcessor.producerConfig.linger.ms: must be less than message.timeout.ms',
    ])
  })
})

describe('NATS and RabbitMQ', () => {
  const listener = (config: string) => `- eventListener: {${config}}
  eventHandler: {type: http, url: "http://localhost"}
`
  const nats = 'type: nats, servers: ["nats://a:4222"], stream: S, durable: d'

  it.each([
    [`${nats}, subject: s`, undefined],
    [`${nats}, subject: s, auth: {user: u, password: p}`, undefined],
    [
      `${nats}, subject: s, auth: {token: t, password: p}`,
      ['auth: password and token are there, and one is enough'],
    ],
    [
      `${nats}, subject: s, auth: {token: t, user: u}`,
      ['auth: user belongs together with password or passwordFile'],
    ],
    ['type: rabbitmq, queue: q, url: "amqp://a"', undefined],
    ['type: rabbitmq, queue: q', ['give url or urlFile']],
    [
      'type: rabbitmq, queue: q, url: "http://a"',
      ['url: must be a URL: amqp://user:password@host:5672/vhost'],
    ],
    ['type: nats, servers: ["tls://a:4222"], stream: S, durable: d, subject: s', undefined],
    ...['ws', 'wss', 'http'].map((protocol): [string, string[]] => [
      `type: nats, servers: ["${protocol}://a:4222"], stream: S, durable: d, subject: s`,
      ['servers[0]: must be a URL: nats://host:4222 or tls://host:4222'],
    ]),
    ['type: rabbitmq, queue: q, url: "amqps://a", tls: {}', undefined],
    [
      'type: rabbitmq, queue: q, url: "amqp://a", tls: {}',
      ['tls: needs a url with amqps:, as amqp: goes in clear text'],
    ],
  ])('%s: %j', (config, faults) => {
    const found = faultsOf(listener(config))?.map(fault => fault.replace(/^1 eventListener(\.|: )/, ''))
    expect(found).toEqual(faults)
  })

  const long = (length: number, character = 'x') => character.repeat(length)
  const rabbitmq = (queue: string) => `type: rabbitmq, url: "amqp://a", queue: "${queue}"`
  const kafka = (topic: string) =>
    `type: kafka, topic: "${topic}", consumerConfig: {bootstrap.servers: a, group.id: g}`
  const natsOf = (stream: string, subject = 's', durable = 'd') =>
    `type: nats, servers: ["nats://a"], stream: "${stream}", subject: "${subject}", durable: "${durable}"`
  const given = 'errorHandling.deadLetterTopic: must be given: <topic>.dead-letters is longer than'

  it.each([
    [kafka(long(236)), []],
    [kafka(long(237)), [`${given} 249 characters`]],
    [kafka(long(250)), ['eventListener.topic: is longer than 249 characters']],
    [kafka('a b'), ['eventListener.topic: can have letters, digits, ".", "_" and "-" alone']],
    [kafka('..'), ['eventListener.topic: is no name']],
    [rabbitmq(long(242)), []],
    [rabbitmq(long(243)), [`${given} 255 bytes`]],
    [rabbitmq(long(122, 'ü')), [`${given} 255 bytes`]],
    [
      rabbitmq(long(247)),
      ['eventListener.queue: must not be longer than 246 bytes, as <queue>.listener is made'],
    ],
    [rabbitmq('amq.gen-1'), ['eventListener.queue: begins with "amq.", which RabbitMQ keeps for itself']],
    [natsOf(long(247), long(242)), []],
    [natsOf('S', long(243)), [`${given} 255 bytes`]],
    [
      natsOf(long(248)),
      ['eventListener.stream: must not be longer than 247 bytes, as <stream>_RETRIES is made'],
    ],
    [natsOf('S', 's', long(256)), ['eventListener.durable: is longer than 255 bytes']],
    [natsOf('a.b'), ['eventListener.stream: can have no blank, ".", "*", ">", "/" or "\\" in it']],
  ])(
    'what is named after %s has a name that its broker takes, or another one is asked for',
    (config, faults) => {
      expect(faultsOf(listener(config)) ?? []).toEqual(faults.map(fault => `1 ${fault}`))
      if (!faults[0]?.startsWith(given)) return
      expect(faultsOf(`${listener(config)}  errorHandling: {deadLetterTopic: dead}\n`)).toBeUndefined()
    },
  )

  it.each([
    [kafka('t'), long(250), 'is longer than 249 characters'],
    [kafka('t'), 'a/b', 'can have letters, digits, ".", "_" and "-" alone'],
    [rabbitmq('q'), long(256), 'is longer than 255 bytes'],
    [rabbitmq('q'), 'amq.dead', 'begins with "amq.", which RabbitMQ keeps for itself'],
    [natsOf('S'), long(256), 'is longer than 255 bytes'],
    [natsOf('S'), 'dead.>', 'is no subject that one can publish to'],
    [natsOf('S', 's.*'), 's.dead', 'must be another one than the events come from: they would come back'],
  ])('the dead letters of %s can not go to %s: %s', (config, deadLetterTopic, fault) => {
    const text = `${listener(config)}  errorHandling: {deadLetterTopic: "${deadLetterTopic}"}\n`
    expect(faultsOf(text)).toEqual([`3 errorHandling.deadLetterTopic: ${fault}`])
  })

  it('a subject with wildcards needs a name for its dead letters', () => {
    const text = listener(`${nats}, subject: "orders.>"`)
    expect(faultsOf(text)).toEqual([
      '1 errorHandling.deadLetterTopic: must be given, as the subject that is read has wildcards',
    ])
    expect(faultsOf(`${text}  errorHandling: {deadLetterTopic: dead.orders}\n`)).toBeUndefined()
  })
})
