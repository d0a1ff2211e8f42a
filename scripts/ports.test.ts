import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort, neededPorts, portIsFree, shiftedPorts, takenPorts, takenPortsMessage } from './ports.ts'

test('an offset shifts every port', () => {
  const [plain, shifted] = [shiftedPorts(0), shiftedPorts(100)]
  expect(plain).toMatchObject({ site: 8080, 'search-order': 5000, bank: 5005, inbox: 1080, Kafka: 9092 })
  for (const [name, port] of Object.entries(plain)) expect(shifted).toHaveProperty([name], port + 100)
})

test('no two parts share a port', () => {
  const ports = Object.values(shiftedPorts(0))
  expect(new Set(ports).size).toBe(ports.length)
})

test('a cluster and a mail server of your own need none of our ports', () => {
  const ports = neededPorts(shiftedPorts(0), {
    bootstrap: 'there:9092',
    smtpUrl: 'smtp://there',
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

test('a taken port is told with its owner and the way out', async () => {
  const port = await freePort()
  const server = createServer()
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  try {
    expect(await portIsFree(port)).toBe(false)
    const taken = await takenPorts({ bank: port })
    expect(takenPortsMessage(taken, 0)).toBe(
      `Port ${port} (bank) is in use already. Stop what listens there, or shift all ports: PORT_OFFSET=100 npm start`,
    )
  } finally {
    server.close()
  }
})

test('of many taken ports three are named', () => {
  const taken = [1, 2, 3, 4, 5].map(port => ({ name: 'x', port }))
  expect(takenPortsMessage(taken, 100)).toMatch(
    /^Ports 1 \(x\), 2 \(x\), 3 \(x\) and 2 more are .*PORT_OFFSET=200/,
  )
})
