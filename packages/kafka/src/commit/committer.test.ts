import { createContext } from 'kafka-restaurants-service'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Handle } from '../consume/handling.ts'
import { createLane, type Lane, type Part } from '../consume/lane.ts'
import { RecordTooLargeError, sizeOf, UnwritableError } from '../producer.ts'
import { type Commit, commitOf, progressOf } from '../progress.ts'
import type { InputRecord, OutputRecord } from '../record.ts'
import { createCommitter } from './committer.ts'
import type { Done, Member, Store } from './store.ts'

const { log } = createContext('test', 'silent')
const kafkaError = (type: string) => Object.assign(new Error(`Kafka says ${type}`), { type })
const member: Member = { memberId: 'me', generationId: 1 }

const record = (partition: number, offset: number, text: string): InputRecord => ({
  topic: 'in',
  partition,
  offset: String(offset),
  key: null,
  value: Buffer.from(text),
  isTombstone: false,
  headers: {},
  timestamp: '0',
  rawHeaders: {},
  reference: `in-${partition}@${offset}/1`,
})

/** A store in memory. */
function memory() {
  const commits = new Map<string, Commit>()
  const nameOf = ({ topic, partition }: { topic: string; partition: number }) => `${topic}[${partition}]`
  const kept = {
    commits,
    outputs: [] as string[],
    topics: [] as string[],
    members: [] as (Member | undefined)[],
    /** Who asked where it is. */
    askedBy: [] as (Member | undefined)[],
    /** What was asked of it, and when, in ms. */
    asked: [] as { what: 'positions' | 'commit'; at: number; lanes: string[] }[],
    isClosed: false,
    /** To be replaced by what fails, or waits, before it is done. */
    before: async (_outputs: OutputRecord[], _done: Done[]): Promise<void> => {},
    /** The same, after it was done: the outcome is undecided then. */
    after: async (): Promise<void> => {},
    beforePositions: async (): Promise<void> => {},
  }
  const asked = (what: 'positions' | 'commit', lanes: string[]) =>
    kept.asked.push({ what, at: performance.now(), lanes })
  const store: Store = {
    positions: async (partitions, by) => {
      kept.askedBy.push(by)
      asked('positions', partitions.map(nameOf))
      await kept.beforePositions()
      return partitions.map(at => {
        const commit = commits.get(nameOf(at))
        return commit && progressOf(commit)
      })
    },
    commit: async (outputs, done, by) => {
      asked('commit', done.map(nameOf))
      await kept.before(outputs, done)
      for (const { progress, ...at } of done) commits.set(nameOf(at), commitOf(progress))
      kept.outputs.push(...outputs.map(({ value }) => String(value)))
      kept.topics.push(...outputs.map(({ topic }) => topic))
      kept.members.push(by)
      await kept.after()
    },
    close: async () => {
      kept.isClosed = true
    },
  }
  const times = () => kept.asked.filter(({ what }) => what === 'commit').map(({ at }) => at)
  return { kept, store, times }
}

/** The one part of a lane. */
const part = ({ parts }: Lane) => parts[0] as Part

const copy: Handle = async ({ value }) => [{ topic: 'out', key: null, value }]

function worker(count: number, handle = copy, settings: Pick<Store, 'startsOver' | 'mostOutputs'> = {}) {
  const { kept, store, times } = memory()
  const state = { mayBegin: true, anew: [] as string[], sizes: [] as number[] }
  const committer = createCommitter({
    store: { ...store, ...settings },
    log,
    onCommitted: records => {
      state.sizes.push(records)
    },
    onNewTopic: async ({ topic, partition }) => {
      state.anew.push(`${topic}[${partition}]`)
    },
    mayBegin: () => state.mayBegin,
    onReplaced: () => {
      state.mayBegin = false
    },
  })
  const open = (partition: number) =>
    createLane([{ topic: 'in', partition }], {
      group: 'g',
      handle,
      concurrency: 20,
      keyOf: () => undefined,
      log,
      onOutcome: () => {},
      onNews: committer.wake,
      onRoom: () => {},
    })
  const lanes = Array.from({ length: count }, (_, partition) => open(partition))
  const offsets = lanes.map(() => 0)
  return {
    kept,
    times,
    state,
    committer,
    open,
    lanes,
    lane: (partition: number) => lanes[partition] as Lane,
    start: async () => {
      committer.assign(lanes, member)
      await vi.advanceTimersByTimeAsync(0)
    },
    /** A record comes to a partition. */
    give: async (partition: number, text: string) => {
      const offset = offsets[partition] ?? 0
      offsets[partition] = offset + 1
      lanes[partition]?.parts[0]?.take([record(partition, offset, text)], BigInt(offset), BigInt(offset + 1))
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

it('a commit is told of once it is done, by how many records it had', async () => {
  const { state, kept, start, give } = worker(2)
  await start()
  await give(0, 'a')
  expect(state.sizes).toEqual([1])
  kept.before = async () => {
    throw new Error('away')
  }
  for (const text of ['b', 'c']) await give(0, text)
  await give(1, 'd')
  await pass(100)
  expect(state.sizes).toEqual([1])
  kept.before = async () => {}
  await pass(10_000)
  expect(state.sizes).toEqual([1, 3])
})

describe('how often is committed', () => {
  it('a lone result goes at once', async () => {
    const { start, give, kept } = worker(1)
    await start()
    await pass(1_000)
    await give(0, 'a')
    expect(kept.outputs).toEqual(['a'])
  })

  it('fifty a second share, and never are there more than 13 commits a second', async () => {
    const { start, give, kept, times } = worker(2)
    await start()
    await pass(1_000)
    const begun = performance.now()
    for (let count = 0; count < 100; count++) {
      await give(count % 2, String(count))
      await pass(10)
    }
    const inThatTime = times().filter(at => at >= begun && at < begun + 1_000)
    expect(inThatTime.length).toBeGreaterThan(10)
    expect(inThatTime.length).toBeLessThanOrEqual(13)
    await pass(100)
    expect(kept.outputs).toHaveLength(100)
  })

  it.each([
    { takes: 50, apart: 200 },
    { takes: 150, apart: 400 },
    { takes: 600, apart: 600 },
  ])('where a commit takes $takes ms, they are $apart ms apart', async ({ takes, apart }) => {
    const { start, give, kept, times } = worker(1)
    kept.before = () => new Promise(resolve => setTimeout(resolve, takes))
    await start()
    await pass(1_000)
    const begun = performance.now()
    for (let count = 0; count < 400; count++) {
      await give(0, String(count))
      await pass(10)
    }
    const [, ...later] = times().filter(at => at >= begun)
    for (const [index, at] of later.slice(1).entries()) {
      const gap = at - (later[index] ?? 0)
      expect(gap).toBeGreaterThanOrEqual(apart)
      expect(gap).toBeLessThan(apart + 20)
    }
    await pass(2_000)
    expect(kept.outputs).toHaveLength(400)
    // And no more than before once they take no time any more.
    kept.before = async () => {}
    await give(0, 'a')
    await pass(1_000)
    const quickFrom = performance.now()
    for (let count = 0; count < 20; count++) {
      await give(0, String(count))
      await pass(10)
    }
    expect(times().filter(at => at >= quickFrom)).toHaveLength(3)
  })

  it('offsets alone are in no hurry', async () => {
    const { start, lane, kept, times } = worker(1)
    await start()
    await pass(2_000)
    part(lane(0)).take([], 0n, 5n)
    await pass(0)
    const [first = 0] = times()
    part(lane(0)).take([], 5n, 9n)
    await pass(900)
    expect(times()).toHaveLength(1)
    await pass(100)
    expect(times()[1]).toBeGreaterThanOrEqual(first + 1_000)
    expect(kept.commits.get('in[0]')).toEqual({ offset: '9', metadata: '' })
  })

  it('what comes while a commit runs goes into the next one, with what all lanes have', async () => {
    const { start, give, kept } = worker(3)
    await start()
    const running = Promise.withResolvers<void>()
    kept.before = () => running.promise
    await give(0, 'a')
    await give(1, 'b')
    await give(2, 'c')
    running.resolve()
    await pass(100)
    expect(kept.asked.filter(({ what }) => what === 'commit').map(({ lanes }) => lanes)).toEqual([
      ['in[0]'],
      ['in[1]', 'in[2]'],
    ])
    expect(kept.members).toEqual([member, member])
  })

  it('a commit takes in no more lanes once it has 8 MiB, and each has its turn', async () => {
    const { start, lanes, kept } = worker(4)
    await start()
    const value = Buffer.alloc(1024 * 1024)
    const sizes: number[] = []
    kept.before = async outputs => {
      sizes.push(outputs.reduce((sum, output) => sum + sizeOf(output), 0))
    }
    for (let offset = 0; offset < 8; offset++) {
      const [from, end] = [BigInt(offset), BigInt(offset + 1)]
      for (const each of lanes.map(part))
        each.take([{ ...record(each.partition, offset, ''), value }], from, end)
    }
    await pass(2_000)
    expect(kept.commits.size).toBe(4)
    expect(kept.outputs).toHaveLength(32)
    expect(Math.max(...sizes)).toBeLessThan(17 * 1024 * 1024)
  })

  it('a commit takes in no more lanes once it has as many outputs as the store takes, and each has its turn', async () => {
    const { start, lanes, kept, times } = worker(4, copy, { mostOutputs: 5 })
    await start()
    const counts: number[] = []
    kept.before = async outputs => {
      counts.push(outputs.length)
    }
    for (const each of lanes.map(part)) {
      const records = Array.from({ length: 4 }, (_, offset) => record(each.partition, offset, ''))
      each.take(records, 0n, 4n)
    }
    await pass(2_000)
    expect(kept.commits.size).toBe(4)
    expect(kept.outputs).toHaveLength(16)
    expect(Math.max(...counts)).toBe(8)
    expect(times().length).toBeGreaterThan(1)
  })

  it('a clock that is set back stops nothing', async () => {
    const { start, give, kept } = worker(1)
    await start()
    await give(0, 'a')
    vi.setSystemTime(Date.now() - 3_600_000)
    await give(0, 'b')
    await pass(100)
    expect(kept.outputs).toEqual(['a', 'b'])
  })
})

describe('a commit that fails', () => {
  it('is followed by a look at where the lanes are, and is tried again until it works', async () => {
    const { start, give, kept, committer, lane } = worker(2)
    await start()
    let failures = 2
    kept.before = async () => {
      if (failures-- > 0) throw new Error('Kafka is away')
    }
    await give(0, 'a')
    expect(committer.outage(lane(0))).toBe('waits after try 1: Kafka is away')
    expect(committer.outage(lane(1))).toBeUndefined()
    await pass(2_000)
    expect(kept.asked.map(({ what }) => what)).toEqual([
      'positions', 'commit', 'positions', 'commit', 'positions', 'commit',
    ]) // biome-ignore format: a line
    expect(kept.outputs).toEqual(['a'])
    expect(committer.outage(lane(0))).toBeUndefined()
  })

  it('and was made after all is not made twice', async () => {
    const { start, give, kept } = worker(1)
    await start()
    let failures = 1
    kept.after = async () => {
      if (failures-- > 0) throw new Error('no answer')
    }
    await give(0, 'a')
    await give(0, 'b')
    await pass(2_000)
    expect(kept.outputs).toEqual(['a', 'b'])
  })

  it('does not commit before it is known where the lanes are', async () => {
    const { start, give, kept, committer, lane } = worker(1)
    await start()
    kept.before = async () => {
      throw new Error('away')
    }
    kept.beforePositions = async () => {
      throw new Error('still away')
    }
    await give(0, 'a')
    await pass(20_000)
    expect(kept.asked.filter(({ what }) => what === 'commit')).toHaveLength(1)
    expect(committer.outage(lane(0))).toMatch(/^waits after try \d+: still away$/)
    kept.before = async () => {}
    kept.beforePositions = async () => {}
    await pass(5_000)
    expect(kept.outputs).toEqual(['a'])
  })

  it('has lanes that are given up learn what is committed, and begin nothing', async () => {
    const { start, give, kept, state, lane } = worker(1)
    await start()
    let failures = 1
    kept.before = async () => {
      if (failures-- > 0) throw new Error('away')
    }
    state.mayBegin = false
    void lane(0).pause()
    await give(0, 'waits')
    part(lane(0)).take([record(0, 1, 'x')], 1n, 2n)
    await pass(5_000)
    expect([lane(0).hasBegun(), kept.outputs]).toEqual([false, []])
  })
})

it('a member that the group has replaced handles nothing more until it has joined again', async () => {
  const handled: string[] = []
  const { start, give, kept, committer, lanes, lane, state } = worker(1, async record => {
    handled.push(String(record.value))
    return copy(record, 1, () => {})
  })
  await start()
  kept.before = async () => {
    throw kafkaError('UNKNOWN_MEMBER_ID')
  }
  await give(0, 'a')
  await pass(0)
  await give(0, 'another has it')
  await pass(30_000)
  expect([handled, lane(0).hasBegun()]).toEqual([['a'], false])
  kept.before = async () => {}
  state.mayBegin = true
  committer.assign(lanes, { memberId: 'again', generationId: 2 })
  await pass(100)
  expect(handled).toEqual(['a', 'another has it'])
})

describe('what one lane brings and Kafka does not take', () => {
  it.each([
    kafkaError('UNKNOWN_TOPIC_OR_PARTITION'),
    kafkaError('TOPIC_AUTHORIZATION_FAILED'),
    kafkaError('INVALID_RECORD'),
    new UnwritableError('a number is no value'),
  ])('as of %s, does not hold up the others', async error => {
    // What is waited for is looked at between two tries: at random, it would be amid one now and then.
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const { start, give, kept, committer, lane } = worker(3)
    await start()
    let isBad = true
    kept.before = async outputs => {
      if (isBad && outputs.some(({ value }) => String(value).startsWith('bad'))) throw error
    }
    await give(0, 'first')
    await Promise.all([give(0, 'a'), give(1, 'bad'), give(2, 'c')])
    await pass(100)
    expect(kept.outputs.toSorted()).toEqual(['a', 'c', 'first'])
    expect(committer.outage(lane(1))).toBe(`waits after try 1: ${error.message}`)
    expect([committer.outage(lane(0)), committer.outage(lane(2))]).toEqual([undefined, undefined])
    const waitedFor = committer.waitsFor(lane(1))
    await pass(100)
    expect(committer.waitsFor(lane(1))).toBe(waitedFor)
    await give(2, 'later')
    await pass(100)
    expect(kept.outputs).toContain('later')
    expect(committer.waitsFor(lane(1))).not.toBe(waitedFor)
    isBad = false
    await pass(10_000)
    expect(kept.outputs).toContain('bad')
    expect(committer.outage(lane(1))).toBeUndefined()
  })

  it('as it is too large, becomes a dead letter, and the others of the commit wait for nothing', async () => {
    const { start, give, kept, committer, lanes } = worker(2)
    await start()
    kept.before = async outputs => {
      const tooLarge = outputs.filter(output => output.topic === 'out' && sizeOf(output) > 300)
      if (tooLarge.length > 0) throw new RecordTooLargeError(tooLarge)
    }
    await give(0, 'first')
    await Promise.all([give(0, 'a'), give(1, 'b'.repeat(400))])
    await pass(100)
    expect(lanes.map(committer.outage)).toEqual([undefined, undefined])
    expect(kept.outputs.toSorted()).toEqual(['a', 'b'.repeat(400), 'first'])
    expect(kept.topics.filter(topic => topic === 'in.dead-letters')).toHaveLength(1)
  })

  it('is an outage of its lane where not even its dead letter is taken', async () => {
    const { start, give, kept, committer, lane } = worker(2)
    await start()
    kept.before = async outputs => {
      const tooLarge = outputs.filter(({ value }) => String(value).startsWith('b'))
      if (tooLarge.length > 0) throw new RecordTooLargeError(tooLarge)
    }
    await give(0, 'first')
    await Promise.all([give(0, 'a'), give(1, 'b')])
    await pass(2_000)
    expect(kept.outputs.toSorted()).toEqual(['a', 'first'])
    expect(committer.outage(lane(0))).toBeUndefined()
    expect(committer.outage(lane(1))).toMatch(/larger than topic .* takes$/)
  })
})

describe('a flush', () => {
  it('commits what there is at once', async () => {
    const { start, give, kept, committer } = worker(1)
    await start()
    await give(0, 'a')
    await give(0, 'b')
    const begun = performance.now()
    const flushed = committer.flush(Date.now() + 5_000)
    await pass(0)
    await flushed
    expect([kept.outputs, performance.now() - begun]).toEqual([['a', 'b'], 0])
  })

  it('tries until its deadline, more often than others do', async () => {
    const { start, give, kept, committer, times } = worker(1)
    await start()
    kept.before = async () => {
      throw new Error('away')
    }
    await give(0, 'a')
    await pass(20_000)
    const [before, begun] = [times().length, performance.now()]
    const flushed = committer.flush(Date.now() + 5_000)
    await pass(5_000)
    await flushed
    expect(performance.now() - begun).toBe(5_000)
    expect(times().length - before).toBeGreaterThanOrEqual(9)
    expect(times().length - before).toBeLessThan(20)
  })

  it('ends at its deadline though a commit never does', async () => {
    const { start, give, kept, committer } = worker(1)
    await start()
    kept.before = () => new Promise(() => {})
    await give(0, 'a')
    const flushed = committer.flush(Date.now() + 5_000)
    await pass(5_000)
    await flushed
    expect(kept.outputs).toEqual([])
  })

  it.each(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS'])(
    'ends at once where the group has replaced this member (%s)',
    async type => {
      const { start, give, kept, committer } = worker(1)
      await start()
      await give(0, 'first')
      kept.before = async () => {
        throw kafkaError(type)
      }
      await give(0, 'a')
      const begun = performance.now()
      const flushed = committer.flush(Date.now() + 5_000)
      await pass(0)
      await flushed
      expect([performance.now() - begun, kept.outputs]).toEqual([0, ['first']])
    },
  )

  it('leaves time for others while one lane can not commit', async () => {
    const { start, give, kept, committer, times } = worker(1)
    await start()
    kept.before = async () => {
      throw kafkaError('INVALID_RECORD')
    }
    await give(0, 'a')
    const before = times().length
    const flushed = committer.flush(Date.now() + 5_000)
    await pass(5_000)
    await flushed
    expect(times().length - before).toBeGreaterThan(2)
    expect(times().length - before).toBeLessThan(50)
  })
})

describe('an assignment', () => {
  it('during a commit has that end, and all lanes of now begin with what is committed then', async () => {
    const { start, give, kept, committer, lanes, open } = worker(1)
    await start()
    const running = Promise.withResolvers<void>()
    kept.before = () => running.promise
    await give(0, 'a')
    kept.commits.set('in[7]', { offset: '40', metadata: '' })
    const other = open(7)
    committer.assign([...lanes, other], { memberId: 'me', generationId: 2 })
    await pass(1_000)
    expect([other.hasBegun(), lanes[0]?.hasBegun()]).toEqual([false, false])
    running.resolve()
    await pass(0)
    expect([other.hasBegun(), lanes[0]?.hasBegun()]).toEqual([true, true])
    expect(part(other).toRead()).toBe(40n)
    expect(kept.outputs).toEqual(['a'])
  })

  it('during a look has it look again, for what is assigned then', async () => {
    const { start, kept, committer, open } = worker(1)
    const [first, looking] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    kept.beforePositions = () => {
      first.resolve()
      return looking.promise
    }
    await start()
    await first.promise
    const other = open(1)
    committer.assign([other], { memberId: 'me', generationId: 2 })
    looking.resolve()
    await pass(0)
    expect(kept.asked.map(({ lanes }) => lanes)).toEqual([['in[0]'], ['in[1]']])
    expect(other.hasBegun()).toBe(true)
  })

  it('lets lanes that stay handle nothing until it is known what others did', async () => {
    const handled: string[] = []
    const { start, give, kept, committer, lanes, lane } = worker(1, async record => {
      handled.push(String(record.value))
      return copy(record, 1, () => {})
    })
    await start()
    await give(0, 'mine')
    const looking = Promise.withResolvers<void>()
    kept.beforePositions = () => looking.promise
    committer.assign(lanes, { memberId: 'me', generationId: 3 })
    await give(0, 'done by another')
    await pass(100)
    expect(lane(0).hasBegun()).toBe(false)
    kept.commits.set('in[0]', { offset: '2', metadata: '' })
    looking.resolve()
    await pass(0)
    await give(0, 'mine again')
    await pass(100)
    expect(handled).toEqual(['mine', 'mine again'])
  })

  it('ends the wait after a failure', async () => {
    const { start, give, kept, committer, lanes, state } = worker(1)
    await start()
    kept.before = async () => {
      throw kafkaError('ILLEGAL_GENERATION')
    }
    await give(0, 'a')
    await pass(30_000)
    kept.before = async () => {}
    state.mayBegin = true
    committer.assign(lanes, { memberId: 'me', generationId: 2 })
    await pass(0)
    expect(kept.outputs).toEqual(['a'])
    expect([kept.members.at(-1)?.generationId, kept.askedBy.at(-1)?.generationId]).toEqual([2, 2])
  })

  it('of a topic that was made anew has it read from its beginning first', async () => {
    const { start, give, kept, committer, state, lane } = worker(1)
    await start()
    await give(0, 'a')
    kept.commits.clear()
    committer.lookAgain()
    await pass(0)
    expect([state.anew, lane(0).hasBegun(), part(lane(0)).toRead()]).toEqual([['in[0]'], true, undefined])
  })

  it('of whom a store of its own knows nothing is read from the beginning, once', async () => {
    const { start, kept, committer, state, lane } = worker(2, () => new Promise(() => {}), {
      startsOver: true,
    })
    kept.commits.set('in[1]', { offset: '7', metadata: '' })
    await start()
    expect(state.anew).toEqual(['in[0]'])
    part(lane(0)).take([record(0, 0, 'waits')], 0n, 1n)
    committer.lookAgain()
    await pass(0)
    expect(state.anew).toEqual(['in[0]'])
    const kafkas = worker(1)
    await kafkas.start()
    expect(kafkas.state.anew).toEqual([])
  })

  it('is looked at again where that was asked for during a look', async () => {
    const { start, kept, committer } = worker(1)
    const looking = Promise.withResolvers<void>()
    kept.beforePositions = () => looking.promise
    await start()
    committer.lookAgain()
    looking.resolve()
    await pass(0)
    expect(kept.asked).toHaveLength(2)
  })
})

describe('what a lane waits for', () => {
  it('is the same until something of it is committed', async () => {
    const { start, give, kept, committer, lane } = worker(1)
    expect(committer.waitsFor(lane(0))).toBeUndefined()
    const [looking, running] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    kept.beforePositions = () => looking.promise
    await start()
    expect(committer.waitsFor(lane(0))).toBe('take-over 0')
    looking.resolve()
    await pass(0)
    expect(committer.waitsFor(lane(0))).toBeUndefined()
    kept.before = () => running.promise
    await give(0, 'a')
    expect(committer.waitsFor(lane(0))).toBe('commit 0')
    await give(0, 'b')
    expect(committer.waitsFor(lane(0))).toBe('commit 0')
    running.resolve()
    await pass(0)
    expect(committer.waitsFor(lane(0))).toBe('commit 1')
    await pass(100)
    expect(committer.waitsFor(lane(0))).toBeUndefined()
  })
})

it('does nothing any more when it is stopped, and ends what runs before', async () => {
  const { start, give, kept, committer } = worker(1)
  await start()
  const running = Promise.withResolvers<void>()
  kept.before = () => running.promise
  await give(0, 'a')
  const stopped = committer.stop()
  await give(0, 'b')
  expect(kept.isClosed).toBe(false)
  running.resolve()
  await stopped
  await pass(10_000)
  expect([kept.isClosed, kept.outputs]).toEqual([true, ['a']])
})
