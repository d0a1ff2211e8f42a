import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { ownBroker } from 'kafka-restaurants-dev-env/testing/own-broker'
import { expect, it, onTestFinished, vi } from 'vitest'
import { bridged, kafkaAt, newFolder, ownPrefix } from './bridged.ts'
import type { Publishing } from './publisher-process.ts'

const patient = { timeout: 90_000, interval: 100 }
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

/** More than a process can publish before it is killed. */
const endless = 1_000_000

/** All are there, and the first ones of each key in their order: what is sent again may be there again. */
function expectAll(values: number[], count: number, keys: number): void {
  const firsts = [...new Set(values)]
  expect(firsts).toHaveLength(count)
  for (const key of numbers(keys)) {
    const own = firsts.filter(n => n % keys === key)
    expect(own).toEqual(own.toSorted((a, b) => a - b))
  }
}

it('10,000 events that are published while the broker is killed and comes back arrive, in order per key', async () => {
  const broker = await ownBroker()
  const kafka = kafkaAt(broker.bootstrap)
  const prefix = ownPrefix()
  const topic = `${prefix}-outbound-message`
  await kafka.makeTopic(topic, 3)
  const { bus, bridge, topics } = bridged(broker.bootstrap, prefix)
  await bridge.start()

  const published: Promise<void>[] = []
  const publish = async (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      published.push(bus.publish(`${prefix}::outbound::message`, n, { key: `key-${n % 20}` }))
      if (n % 100 === 0) await new Promise(setImmediate)
    }
  }
  await publish(0, 3_000)
  const killed = broker.kill()
  await publish(3_000, 6_000)
  await killed
  await publish(6_000, 8_000)
  await Promise.all(published)
  expect(bridge.status().outbound.spool?.events).toBeGreaterThan(1_000)
  expect(bridge.status().outbound.troubles).toEqual([
    expect.stringMatching(/^Kafka takes no events since try/),
  ])
  const back = broker.comeBack()
  await publish(8_000, 10_000)
  await Promise.all([back, ...published])
  await vi.waitFor(() => expect(bridge.status().outbound.spool?.events).toBe(0), patient)

  const values = (await kafka.readAll(topic)).map(({ value }) => Number(value))
  expectAll(values, 10_000, 20)
  const sent = () => topics().filter(each => each.endsWith('::sent_to_external_queue')).length
  await vi.waitFor(() => expect(sent()).toBeGreaterThanOrEqual(10_000), patient)
  expect(bridge.status().outbound.troubles).toEqual([])
}, 180_000)

it('what a process had in its spool when it was killed with -9 is sent by the next one', async () => {
  const broker = await ownBroker()
  const kafka = kafkaAt(broker.bootstrap)
  const topic = ownPrefix()
  await kafka.makeTopic(topic, 3)
  const publishing = { brokers: broker.bootstrap, topic, spool: join(newFolder(), 'spool.sqlite') }
  await broker.kill()
  const first = begin({ ...publishing, from: 0, to: endless })
  await vi.waitFor(() => expect(first.told.length).toBeGreaterThan(300), patient)
  await first.kill()
  await broker.comeBack()
  const second = begin({ ...publishing, from: endless, to: endless + 100 })
  await vi.waitFor(() => expect(second.told).toHaveLength(100), patient)
  await vi.waitFor(
    async () => {
      const values = (await kafka.readAll(topic)).map(({ value }) => Number(value))
      // All that it said were kept are there; the last ones may be, without its word.
      const all = new Set(values)
      expect([...first.told, ...second.told].filter(n => !all.has(n))).toEqual([])
      expectAll(values, all.size, 10)
    },
    { ...patient, interval: 500 },
  )
}, 180_000)

it('inbound events wait while the broker is away, and come when it is back', async () => {
  const broker = await ownBroker()
  const kafka = kafkaAt(broker.bootstrap)
  const prefix = ownPrefix()
  const topic = `${prefix}-inbound-test`
  await kafka.makeTopic(topic)
  const { bridge, payloads, reads, crashes } = bridged(broker.bootstrap, prefix)
  await bridge.start()
  await reads(topic)
  await kafka.write(topic, 1)
  await vi.waitFor(() => expect(payloads(`${prefix}::inbound::test`)).toEqual([1]), patient)
  await broker.kill()
  await vi.waitFor(() => expect(bridge.status().inbound.troubles).not.toEqual([]), patient)
  await broker.comeBack()
  await kafka.write(topic, 2)
  await vi.waitFor(() => expect(payloads(`${prefix}::inbound::test`)).toContain(2), patient)
  expect(crashes).toEqual([])
}, 180_000)

it('a bridge that starts before its broker starts with it, and keeps what is published meanwhile', async () => {
  const broker = await ownBroker()
  const kafka = kafkaAt(broker.bootstrap)
  const prefix = ownPrefix()
  const topic = `${prefix}-inbound-test`
  await kafka.makeTopic(topic)
  await broker.kill()
  const { bus, bridge, payloads, reads, crashes } = bridged(broker.bootstrap, prefix)
  await bridge.start()
  await Promise.all(numbers(100).map(n => bus.publish(`${prefix}::outbound::message`, n)))
  await broker.comeBack()
  await reads(topic)
  await kafka.write(topic, 'here')
  await vi.waitFor(() => expect(payloads(`${prefix}::inbound::test`)).toEqual(['here']), patient)
  await vi.waitFor(() => expect(bridge.status().outbound.spool?.events).toBe(0), patient)
  expect(await kafka.values(`${prefix}-outbound-message`, 100)).toEqual(numbers(100))
  expect(crashes).toEqual([])
}, 180_000)

it('a frozen broker holds up neither publishers, nor a stop', async () => {
  const broker = await ownBroker()
  const prefix = ownPrefix()
  const kafka = kafkaAt(broker.bootstrap)
  const { bus, bridge } = bridged(broker.bootstrap, prefix)
  await bridge.start({ direction: 'outbound' })
  await bus.publish(`${prefix}::outbound::message`, 0)
  broker.freeze()
  const begun = Date.now()
  await Promise.all([1, 2, 3].map(n => bus.publish(`${prefix}::outbound::message`, n)))
  await bridge.stop()
  expect(Date.now() - begun).toBeLessThan(12_000)
  expect(bridge.status().outbound.spool?.events).toBe(3)
  broker.thaw()
  await bridge.start({ direction: 'outbound' })
  await vi.waitFor(() => expect(bridge.status().outbound.spool?.events).toBe(0), patient)
  const values = (await kafka.readAll(`${prefix}-outbound-message`)).map(({ value }) => Number(value))
  expect([...new Set(values)]).toEqual(numbers(4))
}, 180_000)

/** A publisher in a process of its own, which is gone after the test. `told` are the numbers that it said were published. */
function begin(what: Publishing): { told: number[]; kill: () => Promise<void> } {
  const script = resolve(import.meta.dirname, 'publisher-process.ts')
  const child: ChildProcess = spawn(process.execPath, [script, JSON.stringify(what)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(child, 'close')
  const told: number[] = []
  if (child.stdout) createInterface(child.stdout).on('line', line => told.push(Number(line)))
  const kill = async () => {
    child.kill('SIGKILL')
    await gone
  }
  onTestFinished(kill)
  return { told, kill }
}
