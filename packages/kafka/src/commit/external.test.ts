import { createContext } from 'kafka-restaurants-service'
import { expect, it } from 'vitest'
import { type ExternalStore, externalStore, type PartitionCommit } from './external.ts'

const { log } = createContext('test', 'silent')
const member = { memberId: 'me', generationId: 3 }
const doneTo = (partition: number, seenTo: bigint) => ({
  topic: 'in',
  partition,
  progress: { seenTo, open: [] },
})
const commitTo = (partition: number, offset: string) => ({ topic: 'in', partition, offset, metadata: '' })

function parts() {
  const units: Parameters<ExternalStore['commit']>[0][] = []
  const asked: unknown[] = []
  const told: PartitionCommit[][] = []
  const kafka = { answer: async (): Promise<void> => {} }
  const own: ExternalStore = {
    commit: async unit => {
      units.push(unit)
    },
    offsets: async (partitions, by) => {
      asked.push([partitions, by])
      return partitions.map(({ partition }) =>
        partition === 0 ? { offset: '7', metadata: 'o1d2' } : undefined,
      )
    },
  }
  const commitOffsets = async (commits: unknown) => {
    told.push(commits as PartitionCommit[])
    await kafka.answer()
  }
  return {
    units,
    asked,
    told,
    kafka,
    store: externalStore(own, { consumer: { commitOffsets }, fromBeginning: true, log }),
  }
}

it('keeps outputs and offsets in one call, and waits for no answer of Kafka', async () => {
  const { units, told, kafka, store } = parts()
  const answer = Promise.withResolvers<void>()
  kafka.answer = () => answer.promise
  const output = { topic: 'out', key: null, value: 'x' }
  await store.commit([output], [doneTo(0, 5n)], member)
  await store.commit([], [doneTo(0, 6n)], member)
  await store.commit([], [doneTo(1, 3n), doneTo(0, 8n)], member)
  expect(units[0]).toEqual({ outputs: [output], offsets: [commitTo(0, '5')], member })
  expect(told).toEqual([[commitTo(0, '5')]])
  answer.reject(new Error('Kafka is away'))
  await expect.poll(() => told).toHaveLength(2)
  expect(told[1]).toEqual([commitTo(0, '8'), commitTo(1, '3')])
})

it('says who asks for positions, and tells Kafka what the store has', async () => {
  const { asked, told, store } = parts()
  const at = [0, 1].map(partition => ({ topic: 'in', partition }))
  const positions = await store.positions(at, member)
  expect(asked).toEqual([[at, member]])
  expect(positions).toEqual([{ seenTo: 10n, open: [[7n, 8n]], tries: new Map() }, undefined])
  expect(told).toEqual([[{ topic: 'in', partition: 0, offset: '7', metadata: 'o1d2' }]])
})
