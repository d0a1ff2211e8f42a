import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { command } from 'kafka-restaurants-dev-env/testing/processes'
import { createTopics, withAdmin } from 'kafka-restaurants-kafka'
import { testKafka } from 'kafka-restaurants-kafka/testing'
import { createContext } from 'kafka-restaurants-service'
import { expect, inject, it, onTestFinished, vi } from 'vitest'
import { newFolder } from './event-bus.ts'

const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8')
const [, deliverer = ''] = /<!-- deliverer: .*?-->\s+```yaml\n(.*?)```/s.exec(readme) ?? []

it('the deliverer of the README posts four times, then puts aside what is refused, and never posts it again', async () => {
  const brokers = inject('bootstrap')
  const { log } = createContext('test', 'silent')
  const kafka = testKafka(brokers, log)
  const [topic, failed] = ['acapy-outbound-message', 'failed_outbound_message']
  await createTopics({ brokers, log }, [{ name: topic, partitions: 1, config: {} }])
  const posted: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    posted.push(body)
    response.writeHead(body.includes('refuse') ? 400 : 200).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())

  const file = join(newFolder(), 'deliverer.yaml')
  const { port } = server.address() as AddressInfo
  expect(deliverer).toMatch(/localhost:9092.*localhost:8089/s)
  writeFileSync(
    file,
    deliverer.replace('localhost:9092', brokers).replace('localhost:8089', `127.0.0.1:${port}`),
  )
  const env = { HOST: '127.0.0.1', PORT: '0', METRICS_PORT: '0' }
  const eventor = command(['node', 'services/eventor/src/main.ts', '-f', file], env)
  await eventor.prints('"msg":"ready"', 20_000)

  const values = ['{"n":1}', '{"n":2,"refuse":true}', '{"n":3}']
  await kafka.write(...values.map((value, n) => ({ topic, key: `k${n}`, value })))
  const topics = () => withAdmin({ brokers, log }, admin => admin.listTopics())
  await vi.waitFor(async () => expect(await topics()).toContain(failed), { timeout: 20_000, interval: 100 })
  const [letter] = await kafka.read(failed, 1, 60_000)
  expect(letter?.value.toString()).toBe(values[1])
  expect(letter?.headers).toMatchObject({ dead_letter_attempts: '4', dead_letter_status: '400' })
  await kafka.write({ topic, key: 'k1', value: '{"n":4}' })
  await vi.waitFor(() => expect(posted).toContain('{"n":4}'), { timeout: 20_000, interval: 50 })
  await vi.waitFor(async () => expect(await kafka.lag('deliverer', topic)).toBe(0), {
    timeout: 20_000,
    interval: 100,
  })
  expect(posted.filter(body => body === values[1])).toHaveLength(4)
  expect(new Set(posted)).toEqual(new Set([...values, '{"n":4}']))
  expect(posted).toHaveLength(7)
}, 120_000)
