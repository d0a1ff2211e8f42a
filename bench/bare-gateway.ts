import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { awaitedReplies, batchingProducer } from 'kafka-restaurants-kafka'
import { createContext } from 'kafka-restaurants-service'

/** The least that answers HTTP calls over Kafka: node:http and packages/kafka, without a check, a limit or a deadline. */
const [brokers = '', topic = '', replies = ''] = process.argv.slice(2)
const { log } = createContext('bare-gateway', 'warn')
const connection = { brokers, clientId: 'bare-gateway', log }
const producer = batchingProducer(connection, { idempotent: true, timeoutMs: 30_000 })
const awaited = awaitedReplies(connection, {
  topics: [replies],
  group: 'bare-gateway',
  idsOf: ({ rawHeaders }) => [String(rawHeaders.correlation_id?.[0] ?? '')],
})
await awaited.start()
await awaited.caughtUp
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', async () => {
    const id = randomUUID()
    const { reply, forget } = awaited.expect(id)
    void producer.send({ topic, key: id, value: Buffer.concat(chunks), headers: { correlation_id: id } })
    const { value } = await reply
    forget()
    response.setHeader('Content-Length', value.length).setHeader('Content-Type', 'application/json')
    response.end(value)
  })
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
