import fc from 'fast-check'
import { PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import { createContext } from 'kafka-restaurants-service'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createCommitter } from '../commit/committer.ts'
import type { Member, Store } from '../commit/store.ts'
import { type Commit, commitOf, progressOf } from '../progress.ts'
import type { InputRecord } from '../record.ts'
import type { Handle } from './handling.ts'
import { createLane, type Lane, type Part } from './lane.ts'

const { log } = createContext('test', 'silent')
const partitions = [0, 1, 2]
const recordsEach = 150

const record = (partition: number, offset: bigint): InputRecord => ({
  topic: 'in',
  partition,
  offset: String(offset),
  key: Buffer.from(String(offset % 7n)),
  value: Buffer.from(`${partition}@${offset}`),
  isTombstone: false,
  headers: {},
  timestamp: '0',
  rawHeaders: {},
  reference: `in-${partition}@${offset}/1`,
})
const kafkaError = (type: string) => Object.assign(new Error(type), { type })

type Fault = 'none' | 'fails' | 'undecided' | 'slow' | 'refused'
interface Step {
  ms: number
  does: 'nothing' | 'rebalance' | 'lose without a word'
  /** By partition, which of two workers has it from then on. */
  owners: number[]
  /** What becomes of commits from then on. */
  fault: Fault
}

type Keeper = 'Kafka' | 'their own store'

/** What is kept of a group: commits, outputs, and which generation it is, or which one has a partition. */
function broker(keeper: Keeper) {
  const commits = new Map<number, Commit>()
  const outputs: string[] = []
  const owners = new Map<number, number>()
  const state = { generation: 0, fault: 'none' as Fault }
  /** Kafka knows its group; another store has to remember who asked. */
  const own = (partition: number, by: Member | undefined) => {
    const newest = keeper === 'Kafka' ? state.generation : (owners.get(partition) ?? 0)
    const isOld = (by?.generationId ?? -1) < newest
    if (isOld)
      throw keeper === 'Kafka' ? kafkaError('ILLEGAL_GENERATION') : new Error('somebody newer has it')
    owners.set(partition, by?.generationId ?? -1)
  }
  const store: Store = {
    positions: async (asked, by) => {
      if (state.fault === 'fails') throw new Error('away')
      if (keeper !== 'Kafka') for (const { partition } of asked) own(partition, by)
      return asked.map(({ partition }) => {
        const commit = commits.get(partition)
        return commit && progressOf(commit)
      })
    },
    commit: async (written, done, member) => {
      const { fault } = state
      if (fault === 'fails') throw new Error('away')
      if (fault === 'refused' && written.some(({ value }) => String(value).startsWith('1@')))
        throw kafkaError('UNKNOWN_TOPIC_OR_PARTITION')
      if (fault === 'slow') await new Promise(resolve => setTimeout(resolve, 300))
      for (const { partition } of done) own(partition, member)
      for (const { partition, progress } of done) {
        const [before, next] = [commits.get(partition), commitOf(progress)]
        expect(BigInt(next.offset)).toBeGreaterThanOrEqual(BigInt(before?.offset ?? 0))
        expect(next.metadata.length).toBeLessThanOrEqual(4_096)
        commits.set(partition, next)
      }
      outputs.push(...written.map(({ value }) => String(value)))
      if (fault === 'undecided') throw new Error('no answer')
    },
    close: async () => {},
  }
  return { commits, outputs, state, store }
}

/** A member of the group, with a reader that does as kafkajs and the worker do. */
function member(name: string, { commits, store }: ReturnType<typeof broker>, handle: Handle) {
  let isMember = false
  let own = new Map<number, { lane: Lane; position: bigint }>()
  const committer = createCommitter({
    store,
    log,
    onCommitted: () => {},
    onNewTopic: async () => {},
    mayBegin: () => isMember,
    onReplaced: () => {
      isMember = false
    },
  })
  const open = (partition: number) =>
    createLane([{ topic: 'in', partition }], {
      group: 'g',
      handle,
      concurrency: 5,
      keyOf: ({ key }) => String(key),
      log,
      onOutcome: () => {},
      onNews: committer.wake,
      onRoom: () => {},
    })
  const read = (lane: Lane, from: bigint): bigint => {
    const end = from + 20n > BigInt(recordsEach) ? BigInt(recordsEach) : from + 20n
    if (end <= from) return from
    const [part] = lane.parts as [Part]
    // Every tenth is no record, but the end of a transaction.
    const offsets = Array.from({ length: Number(end - from) }, (_, index) => from + BigInt(index))
    const found = offsets.filter(offset => offset % 10n !== 9n).map(offset => record(part.partition, offset))
    const taken = part.take(found, from, end)
    if (taken === 'behind') return part.toRead() ?? from
    if (taken === 'taken') return part.skipTo(end) ?? end
    void lane.pause()
    committer.lookAgain()
    return from
  }
  return {
    fetch: () => {
      for (const each of own.values())
        if (each.lane.hasBegun() && !each.lane.isFull()) each.position = read(each.lane, each.position)
    },
    giveUp: async () => {
      isMember = false
      for (const { lane } of own.values()) void lane.pause()
      await committer.flush(Date.now() + 1_000)
    },
    join: (assigned: number[], generationId: number) => {
      const last = own
      own = new Map(
        assigned.map(partition => [
          partition,
          {
            lane: last.get(partition)?.lane ?? open(partition),
            position: BigInt(commits.get(partition)?.offset ?? 0),
          },
        ]),
      )
      for (const [partition, { lane }] of last) if (!own.has(partition)) lane.abandon()
      isMember = true
      const by: Member = { memberId: name, generationId }
      committer.assign(
        [...own.values()].map(({ lane }) => lane),
        by,
      )
    },
  }
}

const steps = fc.array(
  fc.record<Step>({
    ms: fc.integer({ min: 0, max: 400 }),
    does: fc.constantFrom('nothing', 'nothing', 'rebalance', 'lose without a word'),
    owners: fc.array(fc.nat(1), { minLength: 3, maxLength: 3 }),
    fault: fc.constantFrom('none', 'none', 'fails', 'undecided', 'slow', 'refused'),
  }),
  { minLength: 3, maxLength: 25 },
)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it.each<Keeper>(['Kafka', 'their own store'])(
  'two workers of %s that lose partitions to each other while commits fail bring each record once',
  async keeper => {
    const expected = partitions.flatMap(partition =>
      Array.from({ length: recordsEach }, (_, offset) => offset)
        .filter(offset => offset % 10 !== 9)
        .map(offset => `${partition}@${offset}`),
    )
    await fc.assert(
      fc.asyncProperty(steps, fc.infiniteStream(fc.nat(9)), async (all, dice) => {
        const group = broker(keeper)
        let isCalm = false
        const handle: Handle = async ({ value }) => {
          const { value: number = 0 } = dice.next()
          if (isCalm) return [{ topic: 'out', key: null, value }]
          if (number > 5) await new Promise(resolve => setTimeout(resolve, 10 * number))
          if (number === 0) throw new PutOffError('not now', { waitMs: 20 })
          if (number === 1) throw new Error('away')
          if (number === 2) throw new UnreadableRecordError('bad')
          return [{ topic: 'out', key: null, value }]
        }
        const workers = ['a', 'b'].map(name => member(name, group, handle))
        const pass = async (ms: number) => {
          for (let left = ms; left >= 0; left -= 10) {
            for (const worker of workers) worker.fetch()
            await vi.advanceTimersByTimeAsync(10)
          }
        }
        const join = (owners: number[]) => {
          group.state.generation += 1
          for (const [index, worker] of workers.entries())
            worker.join(
              partitions.filter(partition => owners[partition] === index),
              group.state.generation,
            )
        }
        join([0, 0, 1])
        for (const { ms, does, owners, fault } of all) {
          group.state.fault = fault
          if (does === 'rebalance') {
            const given = Promise.all(workers.map(worker => worker.giveUp()))
            await pass(1_000)
            await given
          }
          if (does !== 'nothing') join(owners)
          await pass(ms)
        }
        group.state.fault = 'none'
        isCalm = true
        join([0, 1, 0])
        await pass(90_000)
        const written = new Set(group.outputs)
        const twice = group.outputs.filter((output, index) => group.outputs.indexOf(output) < index)
        expect({ lost: expected.filter(each => !written.has(each)), twice }).toEqual({ lost: [], twice: [] })
        expect([...group.commits.values()]).toEqual(
          partitions.map(() => ({ offset: String(recordsEach), metadata: '' })),
        )
      }),
      { numRuns: 15, interruptAfterTimeLimit: 20_000 },
    )
  },
  60_000,
)
