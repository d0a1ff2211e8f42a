import { OutageError, PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import { createContext } from 'kafka-restaurants-service'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sizeOf } from '../producer.ts'
import { type Commit, commitOf, progressOf } from '../progress.ts'
import type { InputRecord, OutputRecord } from '../record.ts'
import type { Handle } from './handling.ts'
import { createLane, type Part } from './lane.ts'

const record = (offset: number, key = String(offset), more: Partial<InputRecord> = {}): InputRecord => ({
  topic: 'in',
  partition: 0,
  offset: String(offset),
  key: Buffer.from(key),
  value: Buffer.alloc(0),
  isTombstone: false,
  headers: {},
  timestamp: '0',
  rawHeaders: {},
  reference: `in-0@${offset}/1`,
  ...more,
})
const records = (from: number, to: number, key?: string) =>
  Array.from({ length: to - from }, (_, index) => record(from + index, key))

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A lane whose commits are kept here. */
function partition(
  handle: Handle,
  {
    keyOf = ({ key }: InputRecord): string | undefined => String(key),
    concurrency = 20,
    kept = { commit: undefined as Commit | undefined, outputs: [] as OutputRecord[] },
  } = {},
) {
  const heard = { news: 0, room: 0 }
  const lane = createLane([{ topic: 'in', partition: 0 }], {
    group: 'g',
    handle,
    concurrency,
    keyOf,
    log: createContext('test', 'silent').log,
    onOutcome: () => {},
    onNews: () => {
      heard.news += 1
    },
    onRoom: () => {
      heard.room += 1
    },
  })
  const [part] = lane.parts as [Part]
  const begin = () => lane.begin([kept.commit && progressOf(kept.commit)])
  begin()
  return {
    lane,
    part,
    kept,
    heard,
    begin,
    take: (taken: InputRecord[], from = Number(taken[0]?.offset), end = Number(taken.at(-1)?.offset) + 1) =>
      part.take(taken, BigInt(from), BigInt(end)),
    /** Lets everything happen that happens at once, or within that many ms. */
    settle: (ms = 0) => vi.advanceTimersByTimeAsync(ms),
    /** @param outcome `undecided`: it is committed, but we hear of an error */
    commit: (outcome: 'done' | 'failed' | 'undecided' = 'done') => {
      const gathered = lane.gather()
      if (!gathered) return undefined
      if (outcome !== 'failed') {
        for (const { progress } of gathered.done) kept.commit = commitOf(progress)
        kept.outputs.push(...gathered.outputs)
      }
      if (outcome === 'done') lane.committed(gathered)
      else {
        lane.notCommitted()
        begin()
      }
      return gathered
    },
  }
}

describe('what is done', () => {
  const transactions = [100, 102, 104].map(offset => record(offset, 'k'))

  it('is committed at the end with no control record left open, where a commit failed before', async () => {
    const handled: string[] = []
    const handle: Handle = async ({ offset }) => {
      handled.push(offset)
      return []
    }
    const { kept, take, settle, commit } = partition(handle)
    take(transactions, 100, 106)
    await settle()
    commit('failed')
    commit()
    expect(kept.commit).toEqual({ offset: '106', metadata: '' })
    const successor = partition(handle, { kept })
    successor.take(transactions, 100, 106)
    successor.take(transactions, 100, 106)
    await settle()
    expect(handled).toEqual(['100', '102', '104'])
  })

  it('leaves open what was met and not handled, as the lane was to give it up', async () => {
    const [first, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const { lane, kept, take, settle, commit } = partition(
      async () => {
        first.resolve()
        await release.promise
        return []
      },
      { concurrency: 1 },
    )
    take(transactions, 100, 106)
    await first.promise
    const paused = lane.pause()
    release.resolve()
    await settle()
    await paused
    commit()
    expect(kept.commit).toEqual({ offset: '102', metadata: '' })
  })

  it('is not done again after an undecided commit that was made, and is after one that was not', async () => {
    const { kept, take, settle, commit } = partition(async ({ offset }) => [
      { topic: 'out', key: null, value: offset },
    ])
    take(records(0, 3))
    await settle()
    commit('undecided')
    expect(commit()).toBeUndefined()
    take(records(3, 6))
    await settle()
    commit('failed')
    commit()
    expect(kept.outputs.map(({ value }) => value)).toEqual(['0', '1', '2', '3', '4', '5'])
  })

  it('belongs to nobody once the lane is lost', async () => {
    const { lane, take, settle } = partition(async () => [])
    take(records(0, 3))
    await settle()
    lane.abandon()
    expect(lane.gather()).toBeUndefined()
    expect(lane.hasBegun()).toBe(false)
    await lane.whenBegun()
  })

  it('says where it comes from, and is not handled where it could not be decoded', async () => {
    const { kept, take, settle, commit } = partition(async () => [{ topic: 'out', key: null, value: 'x' }])
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, correlation_id: 'c-1' }
    take([
      record(0, 'a', { headers }),
      record(1, 'b', { undecodable: { what: 'headers', reason: 'they are cut off' } }),
    ])
    await settle()
    commit()
    const headersTo = (topic: string) => kept.outputs.find(each => each.topic === topic)?.headers
    expect(headersTo('out')).toMatchObject(headers)
    expect(headersTo('in.dead-letters')).toMatchObject({ dead_letter_reason: 'they are cut off' })
  })
})

describe('where reading begins before or behind what it should', () => {
  it('a topic that was made anew is read from its beginning, and nothing is known of the old one', async () => {
    const handled: string[] = []
    const { kept, begin, take, settle, commit } = partition(async ({ offset }) => {
      handled.push(offset)
      return []
    })
    take([record(500)])
    await settle()
    commit()
    expect(take([record(0), record(1)])).toBe('before')
    kept.commit = undefined
    begin()
    expect(take([record(0), record(1)])).toBe('taken')
    await settle()
    expect(handled).toEqual(['500', '0', '1'])
  })

  it('what is done is passed over, once it is known to be of the same topic', async () => {
    const handled: string[] = []
    const { begin, take, settle, commit } = partition(async ({ offset }) => {
      handled.push(offset)
      return []
    })
    take(records(0, 4))
    await settle()
    commit()
    expect(take(records(0, 6))).toBe('before')
    begin()
    expect(take(records(0, 6))).toBe('taken')
    await settle()
    expect(handled).toEqual(['0', '1', '2', '3', '4', '5'])
  })

  it('what is done behind a record that waits is not read', async () => {
    const { part, take } = partition(async () => [], {
      kept: { commit: { offset: '5', metadata: 'o1d99o1d1000' }, outputs: [] },
    })
    take([record(5)])
    expect(part.skipTo(6n)).toBe(105n)
    take([record(105)])
    expect(part.skipTo(106n)).toBe(1_106n)
    expect(part.skipTo(106n)).toBeUndefined()
    take(records(1_106, 1_110))
    expect(part.skipTo(1_110n)).toBeUndefined()
  })

  it('what others left open is looked for, and given up where it is gone', async () => {
    const handled: string[] = []
    const { part, take, settle, commit, kept } = partition(
      async ({ offset }) => {
        handled.push(offset)
        return []
      },
      { kept: { commit: { offset: '5', metadata: 'o1d4' }, outputs: [] } },
    )
    expect(take(records(20, 22))).toBe('behind')
    expect(part.toRead()).toBe(5n)
    expect(take(records(5, 12))).toBe('taken')
    expect(part.toRead()).toBe(12n)
    expect(take(records(20, 22))).toBe('behind')
    expect(take(records(20, 22))).toBe('taken')
    await settle()
    expect(handled).toEqual(['5', '10', '11', '20', '21'])
    commit()
    expect(kept.commit).toEqual({ offset: '22', metadata: '' })
  })
})

describe('records that wait', () => {
  it('let all others pass, however many they are, and are counted for good before they are tried again', async () => {
    const attempts = new Map<string, number>()
    const { kept, take, settle, commit } = partition(async ({ offset }, attempt) => {
      attempts.set(offset, attempt)
      if (Number(offset) < 40) throw new PutOffError('later', { waitMs: 0 })
      return []
    })
    take(records(0, 60))
    for (const attempt of [1, 2, 3]) {
      await settle(100)
      expect([attempts.get('0'), attempts.get('39'), attempts.get('59')]).toEqual([attempt, attempt, 1])
      commit()
      expect(kept.commit?.metadata).toMatch(new RegExp(`^(o1x${attempt}){40}d20$`))
    }
  })

  it.each(['failed', 'undecided'] as const)('are tried again after a commit that %s', async outcome => {
    let tries = 0
    const { take, settle, commit } = partition(async () => {
      tries += 1
      if (tries < 2) throw new PutOffError('later', { waitMs: 0 })
      return []
    })
    take([record(0)])
    await settle(100)
    expect(tries).toBe(1)
    commit(outcome)
    commit()
    await settle(100)
    expect(tries).toBe(2)
  })

  it('are tried again though there is no room in a commit for their tries', async () => {
    const tries = new Map<string, number>()
    const { take, settle, commit } = partition(async ({ offset }, attempt) => {
      tries.set(offset, attempt)
      if (attempt < 3) throw new PutOffError('later', { waitMs: 0 })
      return []
    })
    take(records(0, 3_000))
    for (let left = 600; left > 0; left--) {
      await settle(10)
      commit()
    }
    expect(new Set(tries.values())).toEqual(new Set([3]))
  })

  it('hold up their partition where they leave no room, which is told', async () => {
    let open = false
    const { lane, heard, take, settle, commit } = partition(async () => {
      if (!open) throw new PutOffError('not now', { waitMs: 1_000 })
      return []
    })
    take(records(0, 999))
    expect(lane.isFull()).toBe(false)
    take(records(999, 1_000))
    expect(lane.isFull()).toBe(true)
    for (let left = 60; left > 0; left--) {
      await settle(2)
      commit()
    }
    expect(lane.outage()).toBe('has no room for more, as 1000 records wait to be tried again')
    open = true
    for (let left = 200; left > 0; left--) {
      await settle(50)
      commit()
    }
    expect([lane.isFull(), lane.outage(), heard.room]).toEqual([false, undefined, 1])
  })

  it('no later one of its key overtakes one that a pause left out', async () => {
    const handled: string[] = []
    const release = Promise.withResolvers<void>()
    const { lane, begin, take, settle } = partition(
      async ({ offset }) => {
        handled.push(offset)
        if (offset === '0') await release.promise
        return []
      },
      { keyOf: () => 'same' },
    )
    take(records(0, 3))
    void lane.pause()
    release.resolve()
    await settle()
    expect(handled).toEqual(['0'])
    begin()
    take(records(3, 4))
    await settle()
    expect(handled).toEqual(['0', '1', '2', '3'])
  })

  it('do not begin while the lane only learns what is committed', async () => {
    const handled: string[] = []
    const { lane, begin, take, settle } = partition(
      async ({ offset }) => {
        handled.push(offset)
        return []
      },
      { concurrency: 1 },
    )
    take(records(0, 3))
    await lane.pause()
    lane.begin([undefined], false)
    await settle()
    expect([handled, lane.hasBegun()]).toEqual([['0'], false])
    begin()
    await settle()
    expect(handled).toEqual(['0', '1', '2'])
  })

  it.each([
    [undefined, 100, 200],
    [0, 100, 200],
    [30_000, 30_000, 30_000],
  ])('for an outage that others do not meet wait though it asks for %s ms', async (waitMs, least, most) => {
    let tries = 0
    const { lane, take, settle } = partition(async ({ offset }) => {
      if (offset !== '0') return []
      tries += 1
      throw new OutageError('away', { waitMs })
    })
    take([record(0), record(1)])
    await settle(least - 1)
    expect([tries, lane.outage()]).toEqual([1, undefined])
    await settle(most - least + 2)
    expect(tries).toBe(2)
  })
})

describe('a dead letter that its topic does not take', () => {
  const long = (more: Partial<InputRecord>) => record(0, 'key', more)
  const many = (count: number, bytes: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`name-${index}`, [Buffer.alloc(bytes, 'h')]]),
    )
  const letterFor = async (input: InputRecord, takes: number) => {
    const { lane, take, settle } = partition(async () => {
      throw new UnreadableRecordError('it is bad, '.repeat(200))
    })
    take([input])
    await settle()
    for (let tries = 1; ; tries++) {
      const [letter] = lane.gather()?.outputs ?? []
      if (!letter || sizeOf(letter) <= takes) return { tries, letter }
      lane.notCommitted()
      expect(lane.setAside(new Set([letter]))).toBe('changed')
    }
  }

  it('is cut at its value, and says so', async () => {
    const value = Buffer.alloc(2_000_000, 'v')
    const whole = long({ value, rawHeaders: { few: [Buffer.from('x')] } })
    const { letter, tries } = await letterFor(whole, 950_000)
    expect(tries).toBe(2)
    expect(letter?.value?.length).toBeGreaterThan(890_000)
    expect(letter?.key?.toString()).toBe('key')
    expect(letter?.headers).toMatchObject({
      few: [Buffer.from('x')],
      dead_letter_cut: `all but the first ${letter?.value?.length} of the 2000000 bytes of its value`,
    })
  })

  it('is cut at its headers, where these are what is large', async () => {
    const whole = long({ value: Buffer.from('v'), rawHeaders: many(2_000, 1_000) })
    const { letter } = await letterFor(whole, 950_000)
    expect(String(letter?.value)).toBe('v')
    expect(letter?.headers).toMatchObject({ dead_letter_cut: 'its 2000 headers' })
    expect(letter?.headers).not.toHaveProperty('name-0')
  })

  it('is cut at headers that the record came with, though they are called as ours', async () => {
    const large = [Buffer.alloc(1_048_000, 'h')]
    const whole = long({ rawHeaders: { dead_letter_x: large, dead_letter_reason: large } })
    const { letter } = await letterFor(whole, 950_000)
    expect(letter?.headers).not.toHaveProperty('dead_letter_x')
    expect(letter?.headers).toMatchObject({ dead_letter_reason: expect.stringMatching(/^it is bad/) })
  })

  it.each([100_000, 10_000, 1_000])('fits into %i bytes', async takes => {
    const whole = long({
      key: Buffer.alloc(300_000, 'k'),
      value: Buffer.alloc(300_000, 'v'),
      rawHeaders: many(300, 1_000),
    })
    const { letter } = await letterFor(whole, takes)
    expect(letter?.headers).toMatchObject({
      dead_letter_offset: '0',
      dead_letter_reason: expect.stringMatching(/^it is bad/),
      dead_letter_cut: expect.stringContaining('of its value'),
    })
  })

  it('leaves the partition open, where its topic takes nothing at all', async () => {
    const { lane, take, settle } = partition(async () => {
      throw new UnreadableRecordError('it is bad')
    })
    take([record(0)])
    await settle()
    let outcome = 'changed'
    for (let tries = 0; tries < 8 && outcome === 'changed'; tries++) {
      outcome = lane.setAside(new Set(lane.gather()?.outputs))
      lane.notCommitted()
    }
    expect(outcome).toBe('as it was')
    expect(lane.gather()?.outputs).toHaveLength(1)
  })
})

it('a result that its topic does not take becomes a dead letter, and no other one does', async () => {
  const { lane, take, settle } = partition(async ({ offset }) => [{ topic: 'out', key: null, value: offset }])
  take(records(0, 2))
  await settle()
  const [first] = lane.gather()?.outputs ?? []
  lane.notCommitted()
  expect(lane.setAside(new Set(first && [first]))).toBe('changed')
  expect(lane.gather()?.outputs.map(({ topic }) => topic)).toEqual(['in.dead-letters', 'out'])
})

describe('a place that is released', () => {
  it('is taken by others', async () => {
    let begun = 0
    const { take, settle } = partition(
      async (_record, _attempt, release) => {
        begun += 1
        release()
        return new Promise(() => {})
      },
      { concurrency: 3 },
    )
    take(records(0, 10))
    await settle()
    expect(begun).toBe(10)
  })

  it('is kept where one is in hand at once, so that they go by their offsets', async () => {
    const handled: string[] = []
    const { take, settle } = partition(
      async ({ offset }, _attempt, release) => {
        handled.push(offset)
        release()
        return []
      },
      { concurrency: 1 },
    )
    take([record(0, 'a'), record(1, 'a'), record(2, 'b'), record(3, 'a')])
    await settle()
    expect(handled).toEqual(['0', '1', '2', '3'])
  })
})

describe('what a lane holds', () => {
  it('is bounded in bytes, and there is room again when half of it is committed', async () => {
    const value = Buffer.alloc(1024 * 1024)
    const { lane, heard, take, settle, commit } = partition(async () => [])
    for (let offset = 0; offset < 8; offset++) {
      expect(lane.isFull()).toBe(false)
      take([record(offset, 'k', { value })])
    }
    expect(lane.isFull()).toBe(true)
    await settle()
    expect(lane.isFull()).toBe(true)
    commit()
    expect([lane.isFull(), heard.room]).toEqual([false, 1])
  })

  it('is bounded in the bytes of its outputs: nothing begins until some of them are committed', async () => {
    const value = Buffer.alloc(1024 * 1024)
    const handle: Handle = async ({ offset }) => [{ topic: 'out', key: offset, value }]
    const { lane, kept, take, settle, commit } = partition(handle, { concurrency: 1 })
    take(records(0, 20))
    await settle()
    const done = () => Number(kept.commit?.offset ?? 0)
    for (let before = -1; before < done(); await settle()) {
      before = done()
      const gathered = commit()
      expect(gathered?.bytes ?? 0).toBeLessThan(10 * value.length)
    }
    expect(done()).toBe(20)
    expect(kept.outputs.map(({ key }) => key)).toEqual(records(0, 20).map(({ offset }) => offset))
    expect(lane.isUrgent()).toBe(false)
  })

  it('is not what a handler gives that no client could write: its record is tried again, and others go on', async () => {
    let isWrong = true
    const { kept, take, settle, commit } = partition(async ({ offset }) => {
      const value = offset === '1' && isWrong ? (42 as unknown as string) : offset
      return [{ topic: 'out', key: null, value }]
    })
    take(records(0, 3))
    await settle()
    commit()
    expect(kept.outputs.map(({ value }) => value)).toEqual(['0', '2'])
    isWrong = false
    await settle(10_000)
    commit()
    expect(kept.outputs.map(({ value }) => value)).toEqual(['0', '2', '1'])
  })

  it('goes on with what is open in front where a commit has no room without that', async () => {
    const value = Buffer.alloc(1024)
    let isAway = true
    const { kept, take, settle, commit } = partition(async ({ offset }) => {
      if (isAway && Number(offset) % 3 === 0) throw new PutOffError('not yet', { waitMs: 1_000 })
      return [{ topic: 'out', key: offset, value: Number(offset) % 3 === 1 ? Buffer.alloc(20_000) : value }]
    })
    take(records(0, 1_000))
    await settle()
    isAway = false
    for (let turn = 0; turn < 50; turn++) {
      commit()
      await settle(1_000)
    }
    expect(kept.commit).toEqual({ offset: '1000', metadata: '' })
    expect(kept.outputs).toHaveLength(1_000)
  })

  it('is no more than the records, where they came with others that are gone', async () => {
    const fetched = Buffer.alloc(4 * 1024 * 1024)
    const { lane, take, settle } = partition(() => new Promise(() => {}))
    take([record(0, 'k', { key: fetched.subarray(0, 5), value: fetched.subarray(5, 9) })])
    await settle()
    const inHand = lane.oldestInHand()?.item.record
    expect(inHand?.value.buffer.byteLength).toBeLessThan(100_000)
    expect(inHand?.key?.buffer.byteLength).toBeLessThan(100_000)
  })

  it('is known by the record that is in hand for longest', async () => {
    const { lane, take, settle } = partition(async ({ offset }) =>
      offset === '1' ? new Promise(() => {}) : [],
    )
    take(records(0, 3))
    await settle()
    expect(lane.oldestInHand()?.item.record.offset).toBe('1')
  })

  it('is known by its try, which the next one is not taken for', async () => {
    const { lane, take, settle } = partition(async () => {
      await new Promise(resolve => setTimeout(resolve, 30_000))
      throw new Error('no answer')
    })
    take([record(0)])
    await settle()
    const first = lane.oldestInHand()
    await settle(29_000)
    expect(lane.oldestInHand()).toBe(first)
    await settle(2_000)
    expect(lane.oldestInHand()?.item).toBe(first?.item)
    expect(lane.oldestInHand()).not.toBe(first)
  })

  it('ends at a stop, in which nothing begins any more', async () => {
    const handled: string[] = []
    const release = Promise.withResolvers<void>()
    const { lane, begin, take, settle, commit, kept } = partition(
      async ({ offset }) => {
        handled.push(offset)
        await release.promise
        return []
      },
      { concurrency: 1 },
    )
    take(records(0, 3))
    const stopped = lane.stop()
    release.resolve()
    await settle()
    await stopped
    commit()
    begin()
    await settle(1_000)
    expect([handled, kept.commit?.offset]).toEqual([['0'], '1'])
  })
})

it('a lane of two topics has as much room as one of one, and all of it is read again when there is room', async () => {
  let rooms = 0
  const lane = createLane(
    ['orders', 'answers'].map(topic => ({ topic, partition: 0 })),
    {
      group: 'g',
      handle: async () => [],
      concurrency: 20,
      keyOf: ({ key }) => String(key),
      log: createContext('test', 'silent').log,
      onOutcome: () => {},
      onNews: () => {},
      onRoom: () => {
        rooms += 1
      },
    },
  )
  const [orders, answers] = lane.parts as [Part, Part]
  expect([lane.name, orders.topic, answers.topic]).toEqual(['orders+answers[0]', 'orders', 'answers'])
  lane.begin([undefined, undefined])
  orders.take(records(0, 600), 0n, 600n)
  expect(lane.isFull()).toBe(false)
  answers.take(records(0, 600), 0n, 600n)
  expect(lane.isFull()).toBe(true)
  await vi.advanceTimersByTimeAsync(1_000)
  const gathered = lane.gather()
  expect(gathered?.done.map(({ topic, outputs }) => [topic, outputs.size])).toEqual([
    ['orders', 600],
    ['answers', 600],
  ])
  if (gathered) lane.committed(gathered)
  expect([lane.isFull(), rooms]).toEqual([false, 1])
})
