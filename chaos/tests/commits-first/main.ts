import { runService } from 'kafka-restaurants-service'
import { kafkaClient } from '../../../packages/kafka/src/client.ts'
import { inputRecord } from '../../../packages/kafka/src/record.ts'
import { bankClient } from '../../../services/transaction/src/adapters/bank-client.ts'
import { chargeOrder } from '../../../services/transaction/src/charge-order.ts'
import { Config } from '../../../services/transaction/src/config.ts'

/**
 * transaction as it must not be: it commits what it was given before it has done it, so that kill -9 loses orders. It
 * shows that the checker finds them.
 */
await runService({
  name: 'transaction',
  config: Config,
  createApp: (config, { log }) => {
    const kafka = kafkaClient({ brokers: config.BOOTSTRAP_SVR, clientId: 'transaction', log })
    const consumer = kafka.consumer({ groupId: config.GROUP_ID, sessionTimeout: 10_000 })
    const producer = kafka.producer()
    const charge = bankClient(config.BANK_URL, config.BANK_TIMEOUT_MS)
    const topics = { confirm: config.CONFIRM_TOPIC, declined: config.DECLINED_TOPIC }
    return {
      async start() {
        await Promise.all([consumer.connect(), producer.connect()])
        await consumer.subscribe({ topics: [config.ORDER_TOPIC], fromBeginning: true })
        await consumer.run({
          autoCommit: false,
          partitionsConsumedConcurrently: 12,
          eachBatch: async ({ batch, heartbeat }) => {
            const offset = String(BigInt(batch.lastOffset()) + 1n)
            await consumer.commitOffsets([{ topic: batch.topic, partition: batch.partition, offset }])
            for (const message of batch.messages) {
              const record = inputRecord(batch.topic, batch.partition, message)
              const outcomes = await chargeOrder(record, { charge, topics, log, now: () => new Date() })
              for (const { topic, key, value } of outcomes) {
                await producer.send({ topic, messages: [{ key, value }] })
              }
              await heartbeat()
            }
          },
        })
      },
      async stop() {
        await consumer.disconnect()
        await producer.disconnect()
      },
    }
  },
})
