import { OutageError, PutOffError, UnreadableRecordError } from 'kafka-restaurants-delivery'
import { createContext } from 'kafka-restaurants-service'
import { describe, expect, it, vi } from 'vitest'
import { type Advance, createLane, type Handle } from './lane.ts'
import { RecordTooLargeError, sizeOf } from './producer.ts'
import { commitOf, type Progress, progressOf } from './progress.ts'
import type { InputRecord, OutputRecord } from './record.ts'
import type { Sink } from './sink.ts'

const record = (offset: number, key: string): InputRecord => ({
  topic: 'in',
  partition: 0,
  offset: String(offset),
  key: Buffer.from(key),
  value: Buffer.alloc(0),
  isTombstone: false,
  headers: {},
  rawHeaders: {},
  reference: `in-0@${offset}/1`,
})

/** A partition whose commits are kept here, and fail when they are told to. */
function partition(
  handle: Handle,
  {
    keyOf = ({ offset }: InputRecord): string | undefined => offset,
    concurrency = 20,
    sink: given = undefined as Sink | undefined,
  } = {},
) {
  const kept: {
    commit?: { offset: string; metadata: string }
    fails: boolean
    /** What a topic takes of a record, in bytes. */
    takes: number
    outputs: OutputRecord[]
  } = { fails: false, takes: Number.POSITIVE_INFINITY, outputs: [] }
  const sink: Sink = given ?? {
    takeOver: async () => kept.commit && progressOf(kept.commit),
    commit: async (outputs, progress: Progress) => {
      if (kept.fails) throw new Error('Kafka is away')
      const tooLarge = outputs.filter(output => sizeOf(output) > kept.takes)
      if (tooLarge.length > 0) throw new RecordTooLargeError(tooLarge)
      kept.outputs.push(...outputs)
      kept.commit = commitOf(progress)
    },
    lowest: async () => 0n,
    close: async () => {},
  }
  const open = () =>
    createLane(() => sink, {
      group: 'g',
      handle,
      concurrency,
      keyOf,
      log: createContext('test', 'silent').log,
      onOutcome: () => {},
    })
  const read = (
    lane: ReturnType<typeof open>,
    records: InputRecord[],
    from: number,
    end: number,
    isOver = () => false,
  ): Promise<Advance> =>
    lane.advance({ records, from: BigInt(from), end: BigInt(end), commitOffsets: async () => {}, isOver })
  return { kept, open, read }
}

describe('what is waited for', () => {
  it('is the same until Kafka answers, and is told of one that never does', async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const sink: Sink = {
      takeOver: () => first.promise.then(() => undefined),
      commit: () => second.promise,
      lowest: async () => 0n,
      close: async () => {},
    }
    const { open, read } = partition(async () => [], { sink })
    const lane = open()
    expect(lane.waitsFor()).toBeUndefined()
    const advanced = read(lane, [record(0, 'k')], 0, 1)
    await vi.waitFor(() => expect(lane.waitsFor()).toBe('term 0'))
    first.resolve()
    await vi.waitFor(() => expect(lane.waitsFor()).toBe('commit 0'))
    second.resolve()
    await advanced
    expect(lane.waitsFor()).toBeUndefined()
  })
})

describe('what is done', () => {
  const transactions = [100, 102, 104].map(offset => record(offset, 'k'))

  it('is committed at the end with no control record left open, where a commit failed before', async () => {
    const handled: string[] = []
    const { kept, open, read } = partition(async ({ offset }) => {
      handled.push(offset)
      return []
    })
    const lane = open()
    kept.fails = true
    await expect(read(lane, transactions, 100, 106)).rejects.toThrow('Kafka is away')
    kept.fails = false
    await lane.settle()
    expect(kept.commit).toEqual({ offset: '106', metadata: '' })
    await read(open(), transactions, 100, 106)
    expect(handled).toEqual(['100', '102', '104'])
  })

  it('leaves open what was met and not handled', async () => {
    const { kept, open, read } = partition(async () => [])
    const lane = open()
    kept.fails = true
    let left = 2
    await expect(read(lane, transactions, 100, 106, () => left-- <= 0)).rejects.toThrow()
    kept.fails = false
    await lane.settle()
    expect(kept.commit).toEqual({ offset: '104', metadata: 'o1d1' })
  })

  it('closes offsets that turn out to be no records', async () => {
    const { kept, open, read } = partition(async () => [])
    kept.commit = { offset: '101', metadata: 'o1d1o1d1' }
    const lane = open()
    await lane.takeOver()
    await read(lane, [record(102, 'k'), record(106, 'k')], 101, 107)
    expect(kept.commit).toEqual({ offset: '107', metadata: '' })
  })
})

it('a topic that was made anew is read from its beginning', async () => {
  const handled: string[] = []
  const { kept, open, read } = partition(async ({ offset }) => {
    handled.push(offset)
    return []
  })
  const lane = open()
  await read(lane, [record(500, 'a')], 500, 501)
  delete kept.commit
  await lane.takeOver()
  await read(lane, [record(0, 'a'), record(1, 'b')], 0, 2)
  expect(handled).toEqual(['500', '0', '1'])
})

it('records that put themselves off let all others pass, however many they are, and are counted', async () => {
  const attempts = new Map<string, number>()
  const { kept, open, read } = partition(async ({ offset }, attempt) => {
    attempts.set(offset, attempt)
    if (Number(offset) < 40) throw new PutOffError('later', { waitMs: 0 })
    return []
  })
  const lane = open()
  const records = Array.from({ length: 60 }, (_, offset) => record(offset, String(offset)))
  for (const attempt of [1, 2, 3]) {
    const { stopped, retryAt } = await read(lane, records, 0, 60)
    expect(stopped).toBeUndefined()
    expect(retryAt).toBeLessThanOrEqual(Date.now())
    expect([attempts.get('0'), attempts.get('39'), attempts.get('59')]).toEqual([attempt, attempt, 1])
  }
  expect(kept.commit?.metadata).toMatch(/^(o1x3){40}d20$/)
})

it('a record that a stop leaves out is open, and no later one of its key overtakes it', async () => {
  const handled: string[] = []
  const { open, read } = partition(
    async ({ offset }) => {
      handled.push(offset)
      return []
    },
    { keyOf: () => 'same' },
  )
  const lane = open()
  const records = [0, 1, 2, 3].map(offset => record(offset, 'same'))
  let left = 1
  await read(lane, records.slice(0, 3), 0, 3, () => left-- <= 0)
  expect(lane.next()).toBe(1n)
  await read(lane, records, 0, 4)
  expect(handled).toEqual(['0', '1', '2', '3'])
})

describe('a dead letter that its topic does not take', () => {
  const long = (more: Partial<InputRecord>): InputRecord => ({ ...record(0, 'key'), ...more })
  const many = (count: number, bytes: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`name-${index}`, [Buffer.alloc(bytes, 'h')]]),
    )
  const letterFor = async (input: InputRecord, takes: number) => {
    const { kept, open, read } = partition(async () => {
      throw new UnreadableRecordError('it is bad, '.repeat(200))
    })
    kept.takes = takes
    const lane = open()
    let tries = 0
    const taken = () =>
      read(lane, [input], 0, 1).then(
        () => true,
        () => false,
      )
    do tries += 1
    while (tries < 9 && !(await taken()))
    expect(kept.commit?.offset).toBe('1')
    return { tries, letter: kept.outputs[0] }
  }

  it('is cut at its value, and says so', async () => {
    const value = Buffer.alloc(2_000_000, 'v')
    const { letter, tries } = await letterFor(
      long({ value, rawHeaders: { few: [Buffer.from('x')] } }),
      950_000,
    )
    expect(tries).toBe(2)
    expect(letter?.value?.length).toBeGreaterThan(890_000)
    expect(letter?.key?.toString()).toBe('key')
    expect(letter?.headers).toMatchObject({
      few: [Buffer.from('x')],
      dead_letter_cut: `all but the first ${letter?.value?.length} of the 2000000 bytes of its value`,
    })
  })

  it('is cut at its headers, where these are what is large', async () => {
    const { letter } = await letterFor(
      long({ value: Buffer.from('v'), rawHeaders: many(2_000, 1_000) }),
      950_000,
    )
    expect(String(letter?.value)).toBe('v')
    expect(letter?.headers).toMatchObject({ dead_letter_cut: 'its 2000 headers' })
    expect(letter?.headers).not.toHaveProperty('name-0')
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
    const { kept, open, read } = partition(async () => {
      throw new UnreadableRecordError('it is bad')
    })
    kept.takes = 10
    const lane = open()
    for (let tries = 0; tries < 8; tries++)
      await expect(read(lane, [record(0, 'k')], 0, 1)).rejects.toThrow(RecordTooLargeError)
    kept.takes = 1_000
    await read(lane, [record(0, 'k')], 0, 1)
    expect(kept.outputs).toHaveLength(1)
  })
})

describe('a place that is released', () => {
  it('is taken by others, but not where nothing worked before: what comes may be in vain as well', async () => {
    let begun = 0
    let isAway = true
    const { open, read } = partition(
      async (_record, _attempt, release) => {
        begun += 1
        release()
        if (isAway) throw new Error('nobody takes the result')
        return []
      },
      { concurrency: 3 },
    )
    const lane = open()
    const records = Array.from({ length: 10 }, (_, offset) => record(offset, String(offset)))
    const begunBy = async (from: number) => {
      begun = 0
      await read(lane, records, from, 10)
      return begun
    }
    expect(await begunBy(0)).toBe(10)
    expect(await begunBy(0)).toBe(3)
    isAway = false
    expect(await begunBy(0)).toBe(10)
  })

  it('is kept where one is in hand at once, so that they go by their offsets', async () => {
    const handled: string[] = []
    const { open, read } = partition(
      async ({ offset }, _attempt, release) => {
        handled.push(offset)
        release()
        return []
      },
      { concurrency: 1, keyOf: ({ key }) => String(key) },
    )
    await read(open(), [record(0, 'a'), record(1, 'a'), record(2, 'b'), record(3, 'a')], 0, 4)
    expect(handled).toEqual(['0', '1', '2', '3'])
  })
})

it.each([
  [undefined, 100, 200],
  [0, 100, 200],
  [30_000, 30_000, 30_000],
])(
  'one record that meets an outage while others pass waits, though it asks for %s ms',
  async (waitMs, least, most) => {
    const { open, read } = partition(async ({ offset }) => {
      if (offset === '0') throw new OutageError('away', { waitMs })
      return []
    })
    const before = Date.now()
    const { stopped, retryAt = 0 } = await read(open(), [record(0, 'a'), record(1, 'b')], 0, 2)
    expect(stopped).toBeUndefined()
    expect(retryAt).toBeGreaterThanOrEqual(before + least)
    expect(retryAt).toBeLessThanOrEqual(Date.now() + most)
  },
)
