import { randomUUID } from 'node:crypto'
import { createContext } from 'kafka-restaurants-service'
import { expect, inject, it, onTestFinished, vi } from 'vitest'
import { kafkaClient } from '../src/client.ts'
import { openTransactions } from '../src/open-transactions.ts'
import { testKafka } from '../src/testing.ts'

const { log } = createContext('test', 'silent')
const brokers = inject('bootstrap')

it.each(['commit', 'abort'] as const)('a transaction is open from its first record to its %s', async end => {
  const topic = await testKafka(brokers, log).topic('open')
  const transactionalId = `${'long-'.repeat(40)}${randomUUID()}`
  const producer = kafkaClient({ brokers, clientId: 'test', log }).producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  expect(await openTransactions(brokers)).not.toContain(transactionalId)
  const transaction = await producer.transaction()
  await transaction.send({ topic, messages: [{ value: 'x' }] })
  expect(await openTransactions(brokers)).toContain(transactionalId)
  await transaction[end]()
  await vi.waitFor(async () => expect(await openTransactions(brokers)).not.toContain(transactionalId))
})

it('a broker that is away is an error', async () => {
  await expect(openTransactions('127.0.0.1:1')).rejects.toThrow('the open transactions are not known')
})
