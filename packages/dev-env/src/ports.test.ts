import { createServer } from 'node:net'
import { UsageError } from 'kafka-restaurants-service/command'
import { expect, test } from 'vitest'
import {
  freePort,
  largestOffset,
  neededPorts,
  portIsFree,
  portOffsetOf,
  refuseBadPorts,
  shiftedPorts,
  takenPorts,
  takenPortsMessage,
  takenPortsText,
} from './ports.ts'

test('an offset shifts every port', () => {
  const [plain, shifted] = [shiftedPorts(0), shiftedPorts(100)]
  expect(plain).toMatchObject({ site: 8080, 'search-order': 5000, bank: 5005, inbox: 1080, Kafka: 9092 })
  for (const [name, port] of Object.entries(plain)) expect(shifted).toHaveProperty([name], port + 100)
})

test('no two parts share a port', () => {
  const ports = Object.values(shiftedPorts(0))
  expect(new Set(ports).size).toBe(ports.length)
})

test('a cluster of your own and a part that is not started need none of our ports', () => {
  const ports = neededPorts(shiftedPorts(0), {
    bootstrap: 'there:9092',
    notStarted: ['inbox'],
  })
  expect(Object.keys(ports).filter(name => /Kafka|inbox/.test(name))).toEqual([])
  expect(ports).toHaveProperty('site', 8080)
})

test('a broker needs its two ports only where it is started', () => {
  const kafkaPorts = (brokers?: number) =>
    Object.entries(neededPorts(shiftedPorts(0), { ...(brokers && { brokers }) }))
      .filter(([name]) => name.startsWith('Kafka'))
      .map(([, port]) => port)
  expect(kafkaPorts()).toEqual([9092, 9093])
  expect(kafkaPorts(3)).toEqual([9092, 9093, 9094, 9095, 9096, 9097])
})

test('what shows traces and metrics needs its ports only where it is started', () => {
  const needed = (observers?: string[]) =>
    Object.keys(neededPorts(shiftedPorts(0), { ...(observers && { observers }) }))
  expect(needed()).not.toContain('Zipkin')
  expect(needed(['VictoriaMetrics'])).not.toContain('Zipkin')
  expect(needed(['Zipkin', 'OTLP', 'VictoriaMetrics'])).toEqual(
    expect.arrayContaining(['Zipkin', 'OTLP', 'VictoriaMetrics']),
  )
})

test('a taken port is told with what it is for, who has it, and the way out', async () => {
  const port = await freePort()
  const server = createServer()
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  try {
    expect(await portIsFree(port)).toBe(false)
    const taken = await takenPorts({ bank: port })
    const message = await takenPortsMessage(taken, { bank: port }, 0)
    expect(message).toMatch(
      /^Port \d+ \(bank, by .+ \(process \d+\)\) is in use already\. Stop what listens there, or shift all ports: PORT_OFFSET=\d+00 npm start$/,
    )
    expect(message).toContain(`(process ${process.pid})`)
  } finally {
    server.close()
  }
})

test('of many taken ports three are named', async () => {
  const taken = [1, 2, 3, 4, 5].map(port => ({ name: 'x', port }))
  expect(await takenPortsText(taken)).toBe('Ports 1 (x), 2 (x), 3 (x) and 2 more are in use already.')
})

test('the offset that is proposed leaves no port taken, too large, or refused by browsers', async () => {
  const bank = await freePort()
  const server = createServer()
  await new Promise<void>(resolve => server.listen(bank, '127.0.0.1', resolve))
  const taken = await takenPorts({ bank })
  // 100 more is 6000.
  const message = await takenPortsMessage(taken, { bank, site: 5_900 }, 0)
  expect(message).not.toContain('PORT_OFFSET=100 ')
  expect(await takenPortsMessage(taken, { bank, VictoriaMetrics: 8_428 }, 0)).toMatch(
    / npm start -- --observe$/,
  )
  expect(await takenPortsMessage(taken, { bank }, largestOffset)).not.toContain('PORT_OFFSET')
  server.close()
})

test.each(['many', '1e3', '0x10', '-1', '1.5', String(largestOffset + 1)])(
  'PORT_OFFSET=%s is refused',
  offset => {
    expect(() => portOffsetOf({ PORT_OFFSET: offset })).toThrow(
      new UsageError(`PORT_OFFSET must be a whole number from 0 to ${largestOffset}, not "${offset}".`),
    )
  },
)

test('an offset that puts what is called by HTTP on a port that browsers refuse is refused', () => {
  expect(() => refuseBadPorts(shiftedPorts(3_000), 3_000)).toThrow(
    'PORT_OFFSET=3000 puts site behind the edge on port 6000, which browsers and fetch refuse to call.',
  )
  expect(() => refuseBadPorts({ Kafka: 10_080, 'inbox SMTP': 25 }, 0)).not.toThrow()
  for (const offset of [0, 100]) expect(() => refuseBadPorts(shiftedPorts(offset), offset)).not.toThrow()
})
