import fc from 'fast-check'
import { PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import { createContext } from 'kafka-restaurants-service'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCommitter } from '../commit/committer.ts'
import { nameOf, type Store, type TopicPartition } from '../commit/store.ts'
import { RecordTooLargeError } from '../producer.ts'
import { type Commit, commitOf, progressOf } from '../progress.ts'
import type { InputRecord, OutputRecord } from '../record.ts'
import type { StatefulHandle } from './handling.ts'
import { createLanes, withoutCompany } from './lanes.ts'
import type { StateFormat } from './state.ts'

const { log } = createContext('test', 'silent')
const kafkaError = (type: string) => Object.assign(new Error(type), { type })
const topics = ['orders', 'answers']
const partitions = [0, 1]

type Fault = 'none' | 'fails' | 'undecided' | 'slow'

/** What a cluster keeps of two topics that belong together, and of the group that reads them. */
function cluster() {
  const records = new Map<string, InputRecord[]>()
  const commits = new Map<string, Commit>()
  const outputs: OutputRecord[] = []
  const state = { generation: 0, fault: 'none' as Fault, restores: 0, before: async () => {} }
  const store: Store = {
    positions: async asked => {
      if (state.fault === 'fails') throw new Error('away')
      return asked.map(at => {
        const commit = commits.get(nameOf(at))
        return commit && progressOf(commit)
      })
    },
    commit: async (written, done, member) => {
      const { fault } = state
      await state.before()
      if (fault === 'fails') throw new Error('away')
      if (fault === 'slow') await new Promise(resolve => setTimeout(resolve, 300))
      if (member?.generationId !== state.generation) throw kafkaError('ILLEGAL_GENERATION')
      const tooLarge = written.filter(({ value }) => String(value).length > 50)
      if (tooLarge.length > 0) throw new RecordTooLargeError(tooLarge)
      for (const { progress, ...at } of done) commits.set(nameOf(at), commitOf(progress))
      outputs.push(...written)
      if (fault === 'undecided') throw new Error('no answer')
    },
    close: async () => {},
  }
  /** What the changelog keeps of a partition. */
  const kept = (partition: number) => {
    const all = new Map<string, Buffer>()
    for (const output of outputs) {
      if (output.topic !== 'counts' || output.partition !== partition) continue
      if (output.value === null) all.delete(String(output.key))
      else all.set(String(output.key), Buffer.from(output.value))
    }
    return all
  }
  const write = (topic: string, partition: number, key: string | null, text = '') => {
    const own = records.get(nameOf({ topic, partition })) ?? []
    records.set(nameOf({ topic, partition }), own)
    const offset = String(own.length)
    const reference = `${topic}-${partition}@${offset}`
    own.push({
      topic,
      partition,
      offset,
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(text),
      isTombstone: false,
      headers: {},
      timestamp: '0',
      rawHeaders: {},
      reference,
    })
    return reference
  }
  return { records, commits, outputs, state, store, kept, write }
}
type Cluster = ReturnType<typeof cluster>

/** A number; from three on it has a second part, which is there with the number alone. */
const numbers: StateFormat<unknown> = {
  changes: (before, after) => {
    const isHigh = (number: unknown) => Number(number ?? 0) >= 3
    const high = isHigh(before) !== isHigh(after) ? ([['high', isHigh(after) ? 'yes' : null]] as const) : []
    return new Map([['', after === undefined ? null : String(after)], ...high])
  },
  restore: parts => {
    const number = Number(parts.get(''))
    expect([number, parts.has('high')]).toEqual([number, number >= 3])
    return number
  },
}

/** A member of the group that reads as kafkajs and the worker do. */
function member(name: string, { records, commits, store, state, kept }: Cluster, handle: StatefulHandle) {
  let isMember = false
  const reads = new Map<string, bigint>()
  const { metrics } = createContext('test', 'silent')
  const committer = createCommitter({
    store,
    log,
    onCommitted: () => {},
    onNewTopic: async at => {
      reads.set(nameOf(at), 0n)
    },
    restore: async bare => {
      const found = bare.map(({ parts: [part] }) => new Map(kept(part?.partition ?? 0)))
      state.restores += bare.length
      await new Promise(resolve => setTimeout(resolve, 30))
      if (state.fault === 'fails') throw new Error('away')
      for (const [index, lane] of bare.entries()) lane.restore(found[index] ?? new Map())
    },
    mayBegin: () => isMember,
    onReplaced: () => {
      isMember = false
    },
  })
  const kafka = { brokers: '', clientId: name, log }
  const options = {
    group: 'g',
    inputs: topics,
    handle,
    changelog: { topic: 'counts', format: numbers },
    copartitioned: true,
    metrics,
    kafka,
  }
  const lanes = createLanes(options, committer, { counted: () => {} }, () => {})
  let assigned: TopicPartition[] = []
  const readOn = (at: TopicPartition) => {
    const part = lanes.get(at)
    if (!part?.lane.hasBegun() || part.lane.isFull()) return
    const from = reads.get(nameOf(at)) ?? 0n
    const found = records.get(nameOf(at))?.slice(Number(from), Number(from) + 20) ?? []
    if (found.length === 0) return
    const end = from + BigInt(found.length)
    const taken = part.take(found, from, end)
    if (taken === 'before') {
      void part.lane.pause()
      committer.lookAgain()
    } else if (taken === 'behind') reads.set(nameOf(at), part.toRead() ?? from)
    else reads.set(nameOf(at), part.skipTo(end) ?? end)
  }
  return {
    name,
    committer,
    outages: lanes.outages,
    fetch: () => assigned.forEach(readOn),
    giveUp: async () => {
      isMember = false
      void lanes.pause()
      await committer.flush(Date.now() + 1_000)
    },
    join: (numbers: number[]) => {
      assigned = numbers.flatMap(partition => topics.map(topic => ({ topic, partition })))
      for (const at of assigned) reads.set(nameOf(at), BigInt(commits.get(nameOf(at))?.offset ?? 0))
      isMember = true
      const by = { memberId: name, generationId: state.generation }
      committer.assign(lanes.assign(assigned, by), by)
    },
  }
}
type MemberOfGroup = ReturnType<typeof member>

/** Lets time pass, in which members read. */
const passing = (members: MemberOfGroup[]) => async (ms: number) => {
  for (let left = ms; left >= 0; left -= 10) {
    for (const each of members) each.fetch()
    await vi.advanceTimersByTimeAsync(10)
  }
}

/** Counts a key's records up to five, and then from one again. */
const count: StatefulHandle = async (record, _attempt, _release, state) => {
  const number = Number(state.get() ?? 0) + 1
  state.set(number === 5 ? null : number)
  return [{ topic: 'out', key: record.key, value: `${record.reference} ${number}` }]
}
const results = ({ outputs }: Cluster) =>
  outputs.filter(({ topic }) => topic === 'out').map(({ key, value }) => `${key}: ${value}`)

function alone(handle = count) {
  const group = cluster()
  const worker = member('a', group, handle)
  const pass = passing([worker])
  const join = () => {
    group.state.generation += 1
    worker.join([0])
  }
  return { group, worker, pass, join }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a state', () => {
  it('is of a key over all topics, and is committed with the outputs', async () => {
    const { group, pass, join } = alone()
    group.write('orders', 0, 'k')
    group.write('answers', 0, 'k')
    group.write('answers', 0, 'other')
    join()
    await pass(200)
    group.write('orders', 0, 'k')
    await pass(200)
    expect(results(group)).toEqual([
      'k: orders-0@0 1', 'other: answers-0@1 1', 'k: answers-0@0 2', 'k: orders-0@1 3',
    ]) // biome-ignore format: a line
    expect(group.kept(0)).toEqual(new Map([['k', Buffer.from('3')], ['k\0high', Buffer.from('yes')], ['other', Buffer.from('1')]])) // biome-ignore format: a line
    expect([...group.commits]).toEqual(topics.map(topic => [`${topic}[0]`, { offset: '2', metadata: '' }]))
  })

  it('is restored before the first record, and what was deleted is not there', async () => {
    const group = cluster()
    const first = member('a', group, count)
    for (let number = 0; number < 5; number++) group.write('orders', 0, 'deleted')
    group.write('answers', 0, 'k')
    group.state.generation = 1
    first.join([0])
    await passing([first])(500)
    const second = member('b', group, count)
    group.state.generation = 2
    group.write('orders', 0, 'deleted')
    group.write('orders', 0, 'k')
    second.join([0])
    await passing([second])(500)
    expect(results(group).slice(6)).toEqual(['deleted: orders-0@5 1', 'k: orders-0@6 2'])
  })

  it('that can not be read holds up its partitions, says why, and is read as soon as that can be', async () => {
    const { group, worker, pass, join } = alone()
    group.write('orders', 0, 'k')
    join()
    await vi.advanceTimersByTimeAsync(0)
    group.state.fault = 'fails'
    await pass(100)
    expect(worker.outages()).toEqual(['orders+answers[0] waits after try 1: away'])
    expect(results(group)).toEqual([])
    group.state.fault = 'none'
    await pass(2_000)
    expect([worker.outages(), results(group)]).toEqual([[], ['k: orders-0@0 1']])
  })

  it.each([
    ['throws', () => new Error('away')],
    ['puts itself off', () => new PutOffError('not now', { waitMs: 50 })],
    ['finds its record unreadable', () => new UnreadableRecordError('bad')],
  ])('is not changed by a handler that %s', async (_what, error) => {
    let failures = 1
    const { group, pass, join } = alone(async (...args) => {
      const outputs = await count(...args)
      if (failures-- > 0) throw error()
      return outputs
    })
    group.write('orders', 0, 'k')
    group.write('orders', 0, 'k')
    join()
    await pass(2_000)
    const numbers = results(group).map(result => result.at(-1))
    expect(numbers).toEqual(numbers.map((_, index) => String(index + 1)))
    expect(group.kept(0).get('k')).toEqual(Buffer.from(String(numbers.length)))
  })

  it.each<Fault>(['fails', 'undecided'])(
    'goes on from where it is when a commit that %s is made again, and is not read anew',
    async fault => {
      const { group, pass, join } = alone()
      join()
      await pass(100)
      group.write('orders', 0, 'k')
      group.state.fault = fault
      await pass(20)
      group.write('answers', 0, 'k')
      await pass(20)
      group.state.fault = 'none'
      await pass(3_000)
      expect(results(group)).toEqual(['k: orders-0@0 1', 'k: answers-0@0 2'])
      expect([group.kept(0).get('k'), group.state.restores]).toEqual([Buffer.from('2'), 1])
    },
  )

  it('stays where the group shares anew and the partitions stay', async () => {
    const { group, pass, join } = alone()
    for (const _ of [1, 2, 3]) {
      group.write('orders', 0, 'k')
      join()
      await pass(200)
    }
    expect(results(group).map(result => result.at(-1))).toEqual(['1', '2', '3'])
    expect(group.state.restores).toBe(1)
  })

  it('is read anew by who missed a generation, in which another one had the partitions', async () => {
    const group = cluster()
    const members = ['frozen', 'other'].map(name => member(name, group, count)) as [
      MemberOfGroup,
      MemberOfGroup,
    ]
    const [frozen, other] = members
    group.write('orders', 0, 'k')
    group.state.generation = 1
    frozen.join([0])
    await passing([frozen])(200)
    // What it has handled is not committed when the other one takes over, and commits the same offsets.
    group.write('answers', 0, 'k')
    group.state.before = async () => {
      throw new Error('away')
    }
    await passing([frozen])(200)
    group.state.before = async () => {}
    group.state.generation = 2
    group.write('orders', 0, 'k')
    other.join([0])
    await passing([other])(500)
    group.state.generation = 3
    other.join([])
    frozen.join([0])
    group.write('orders', 0, 'k')
    await passing(members)(1_000)
    expect(results(group).map(result => result.at(-1))).toEqual(['1', '2', '3', '4'])
    expect(group.state.restores).toBe(3)
  })

  it('is without what was built on a record whose output is too large', async () => {
    const { group, pass, join } = alone(async (record, attempt, release, state) => {
      const [output] = await count(record, attempt, release, state)
      return output
        ? [{ ...output, value: `${output.value}`.padEnd(String(record.value) === 'long' ? 60 : 1) }]
        : []
    })
    join()
    await pass(100)
    const running = Promise.withResolvers<void>()
    group.state.before = () => running.promise
    group.write('orders', 0, 'k', 'first')
    await pass(20)
    group.write('orders', 0, 'k', 'long')
    group.write('answers', 0, 'k', 'built on it')
    group.write('answers', 0, 'other', 'not built on it')
    await pass(20)
    running.resolve()
    await pass(3_000)
    expect(results(group).toSorted()).toEqual([
      'k: answers-0@0 2', 'k: orders-0@0 1', 'other: answers-0@1 1',
    ]) // biome-ignore format: a line
    const letters = group.outputs.filter(({ topic }) => topic === 'orders.dead-letters')
    expect(letters.map(({ headers }) => headers?.dead_letter_offset)).toEqual(['1'])
    expect([...group.commits.values()]).toEqual([{ offset: '2', metadata: '' }, { offset: '2', metadata: '' }]) // biome-ignore format: a line
  })

  it('is not there for a record without a key, or with a NUL byte in it, which is a dead letter', async () => {
    const { group, pass, join } = alone()
    group.write('orders', 0, null)
    group.write('orders', 0, 'k\0high')
    join()
    await pass(200)
    expect(group.outputs.map(({ headers }) => headers?.dead_letter_reason).toSorted()).toEqual([
      'a key with a NUL byte has no state',
      'a record without a key has no state',
    ])
  })

  it('is written once a commit, and only those of its parts that change', async () => {
    const { group, pass, join } = alone()
    for (let number = 0; number < 4; number++) group.write('orders', 0, 'k')
    join()
    await pass(200)
    const written = () => group.outputs.filter(({ topic }) => topic === 'counts')
    const asText = () => written().map(({ key, value }) => `${key}=${value}`)
    expect([results(group).length, asText()]).toEqual([4, ['k=4', 'k\0high=yes']])
    group.write('orders', 0, 'k')
    await pass(200)
    expect(asText().slice(2)).toEqual(['k=null', 'k\0high=null'])
  })

  it('is set aside with the record that has made it too large', async () => {
    const { group, pass, join } = alone(async (record, _attempt, _release, state) => {
      state.set('1'.repeat(Number(record.value)))
      return []
    })
    group.write('orders', 0, 'k', '1')
    group.write('orders', 0, 'k', '2')
    join()
    await pass(200)
    group.write('orders', 0, 'k', '60')
    await pass(1_000)
    expect(group.kept(0).get('k')).toEqual(Buffer.from('11'))
    const letters = group.outputs.filter(({ topic }) => topic === 'orders.dead-letters')
    expect(letters.map(({ headers }) => headers?.dead_letter_reason)).toEqual([
      'its result is larger than topic counts takes',
    ])
  })

  it('is lent for as long as its record is in hand', async () => {
    const lent: Parameters<StatefulHandle>[3][] = []
    const { group, pass, join } = alone(async (_record, _attempt, _release, state) => {
      state.set(2)
      lent.push(state)
      return []
    })
    group.write('orders', 0, 'k')
    group.write('orders', 0, 'k')
    join()
    await pass(200)
    expect(lent.map(state => () => state.get())).toHaveLength(2)
    for (const state of lent) expect(() => state.set('late')).toThrow('is not in hand any more')
    expect(group.kept(0).get('k')).toEqual(Buffer.from('2'))
  })

  it('is read anew where one of its topics was made again', async () => {
    const { group, pass, join } = alone()
    group.write('orders', 0, 'k')
    group.write('answers', 0, 'k')
    join()
    await pass(500)
    group.records.delete('orders[0]')
    group.commits.delete('orders[0]')
    group.write('orders', 0, 'k')
    join()
    await pass(500)
    expect(results(group).map(result => result.at(-1))).toEqual(['1', '2', '3'])
    expect(group.state.restores).toBe(2)
  })
})

it('nothing of a lane of two topics is committed while there is no room for what one of them has done', async () => {
  const group = cluster()
  let isPutOff = true
  const handle: StatefulHandle = async (record, ...more) => {
    if (isPutOff && String(record.value) === 'waits') throw new PutOffError('not now', { waitMs: 60_000 })
    return count(record, ...more)
  }
  const [first, second] = [member('a', group, handle), member('b', group, handle)]
  // Runs of ten that are done, behind one that waits: more than 4,000 bytes of them.
  for (let offset = 0; offset < 808 * 11; offset++)
    group.write('orders', 0, `k${offset}`, offset % 11 === 0 ? 'waits' : '')
  group.write('orders', 0, 'k')
  group.state.generation = 1
  first.join([0])
  await passing([first])(6_000)
  group.write('answers', 0, 'k')
  await passing([first])(2_000)
  expect(results(group).length).toBeGreaterThan(7_000)
  expect(results(group).filter(result => result.startsWith('k:'))).toEqual([])
  isPutOff = false
  group.state.generation = 2
  second.join([0])
  await passing([second])(10_000)
  const numbers = results(group).filter(result => result.startsWith('k:')).map(result => result.at(-1)) // biome-ignore format: a line
  expect(numbers).toEqual(['1', '2'])
  expect(results(group)).toHaveLength(808 * 11 + 2)
})

it('partitions that belong together have to be assigned together', () => {
  const all = topics.flatMap(topic => partitions.map(partition => ({ topic, partition })))
  expect([withoutCompany(all, topics), withoutCompany([], topics)]).toEqual([undefined, undefined])
  expect(withoutCompany(all.slice(1), topics)).toEqual({ topic: 'answers', partition: 0 })
})

interface Step {
  ms: number
  does: 'nothing' | 'rebalance' | 'lose without a word' | 'freeze'
  /** By partition, which of two workers has it from then on. */
  owners: number[]
  fault: Fault
  /** What is written, as [topic, partition, key]. */
  writes: [number, number, number][]
}
const steps = fc.array(
  fc.record<Step>({
    ms: fc.integer({ min: 0, max: 400 }),
    does: fc.constantFrom('nothing', 'nothing', 'rebalance', 'lose without a word', 'freeze'),
    owners: fc.array(fc.nat(1), { minLength: 2, maxLength: 2 }),
    fault: fc.constantFrom('none', 'none', 'fails', 'undecided', 'slow'),
    writes: fc.array(fc.tuple(fc.nat(1), fc.nat(1), fc.nat(3)), { minLength: 5, maxLength: 40 }),
  }),
  { minLength: 3, maxLength: 25 },
)

it('two workers that lose partitions to each other while commits fail count each record once', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.infiniteStream(fc.nat(19)), async (all, dice) => {
      const group = cluster()
      let isCalm = false
      const handle: StatefulHandle = async (record, ...more) => {
        const number = isCalm ? 19 : (dice.next().value ?? 19)
        const [output] = await count(record, ...more)
        if (number > 15) await new Promise(resolve => setTimeout(resolve, 5 * number))
        if (number === 0) throw new PutOffError('not now', { waitMs: 20 })
        if (number === 1) throw new Error('away')
        if (number === 2) throw new UnreadableRecordError('bad')
        return output ? [{ ...output, value: `${output.value}`.padEnd(number === 3 ? 60 : 1) }] : []
      }
      const workers = ['a', 'b'].map(name => member(name, group, handle))
      const pass = passing(workers)
      /** @param frozen one that does not hear of it, and so does not know that it lost its partitions */
      const join = (owners: number[], frozen?: number) => {
        group.state.generation += 1
        for (const [index, worker] of workers.entries())
          if (index !== frozen) worker.join(partitions.filter(partition => owners[partition] === index))
      }
      const written: string[] = []
      join([0, 1])
      for (const { ms, does, owners, fault, writes } of all) {
        group.state.fault = fault
        for (const [topic, partition, key] of writes)
          written.push(group.write(topics[topic] ?? '', partition, `${partition}-${key}`))
        if (does === 'rebalance') {
          const given = Promise.all(workers.map(worker => worker.giveUp()))
          await pass(1_000)
          await given
        }
        if (does === 'freeze') join([owners[0] ?? 0, owners[0] ?? 0], 1 - (owners[0] ?? 0))
        else if (does !== 'nothing') join(owners)
        await pass(ms)
      }
      group.state.fault = 'none'
      isCalm = true
      join([0, 1])
      await pass(60_000)
      const letters = group.outputs.filter(({ topic }) => topic.endsWith('.dead-letters'))
      const dead = letters.map(
        ({ headers }) =>
          `${headers?.dead_letter_topic}-${headers?.dead_letter_partition}@${headers?.dead_letter_offset}`,
      )
      const counted = results(group).map(result => result.split(' ')[1] ?? '')
      expect([...counted, ...dead].toSorted()).toEqual(written.toSorted())
      const numbers = new Map<string, number[]>()
      for (const result of results(group)) {
        const [key = '', , number] = result.trim().split(/:? /)
        numbers.set(key, [...(numbers.get(key) ?? []), Number(number)])
      }
      for (const [key, own] of numbers) {
        expect([key, own]).toEqual([key, own.map((_, index) => (index % 5) + 1)])
        const last = own.length % 5
        expect(String(group.kept(Number(key[0])).get(key) ?? 0)).toBe(String(last))
      }
    }),
    { numRuns: 40, interruptAfterTimeLimit: 40_000 },
  )
}, 60_000)
