import { batchingProducer, followTopics } from 'kafka-restaurants-kafka'
import { createContext } from 'kafka-restaurants-service'

/** Replies to every record of a topic with its own value and id: what is measured around it pays for no work but Kafka's. */
const [brokers = '', requests = '', replies = ''] = process.argv.slice(2)
const { log } = createContext('replier', 'warn')
const connection = { brokers, clientId: 'replier', log }
const producer = batchingProducer(connection, { timeoutMs: 30_000, maxQueued: 1_000_000, lingerMs: 0 })
const followed = followTopics(connection, {
  topics: [requests],
  group: 'replier',
  since: Date.now,
  see: records => {
    for (const { key, value, headers } of records)
      void producer.send({
        topic: replies,
        key,
        value,
        headers: { correlation_id: headers.correlation_id ?? '', traceparent: headers.traceparent ?? '' },
      })
  },
})
await followed.start()
await followed.caughtUp
console.log('ready')
