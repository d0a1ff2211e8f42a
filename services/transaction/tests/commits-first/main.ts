import { inputRecord, kafkaClient } from 'kafka-restaurants-kafka/testing'
import { runService } from 'kafka-restaurants-service'
import { bankClient } from '../../src/adapters/bank-client.ts'
import { chargeOrder } from '../../src/charge-order.ts'
import { Config } from '../../src/config.ts'

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
    const { CONFIRM_TOPIC: confirm, DECLINED_TOPIC: declined, COMMANDS_TOPIC: commands } = config
    const topics = { confirm, declined, commands }
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
