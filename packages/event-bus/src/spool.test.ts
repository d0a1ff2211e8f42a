import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Outgoing, openSpool, type Spool } from './spool.ts'

const nothing = { patterns: [], topics: [] }
const event = (seq: number, over: Partial<Outgoing> = {}): Outgoing => ({
  seq,
  pattern: 'p',
  topic: 't',
  busTopic: 'b',
  key: null,
  value: `"${seq}"`,
  headers: { a: 'b' },
  ...over,
})
const values = (spool: Spool, not: Parameters<Spool['next']>[1] = nothing) =>
  spool.next(1_000, not).map(({ value }) => value)

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'deep', 'spool.sqlite')
}
const opened = (file = newFile(), maxBytes = 1_000_000) => {
  const spool = openSpool(file, maxBytes)
  onTestFinished(() => {
    try {
      spool.close()
    } catch {} // the test did
  })
  return spool
}

it('gives events back as they were, in their order, whatever the order in which they came', () => {
  const spool = opened()
  expect(spool.add([event(2, { key: 'k' }), event(3)])).toEqual([])
  expect(spool.add([event(1)])).toEqual([])
  expect(spool.next(2, nothing)).toEqual([event(1), event(2, { key: 'k' })])
  spool.remove([event(1), event(2, { key: 'k' })])
  expect(values(spool)).toEqual(['"3"'])
})

it('gives events of one topic at once, and none that may not go', () => {
  const spool = opened()
  spool.add([
    event(1, { topic: 'a' }),
    event(2, { topic: 'b' }),
    event(3, { topic: 'a' }),
    event(4, { pattern: 'q' }),
  ])
  expect(values(spool)).toEqual(['"1"', '"3"'])
  expect(values(spool, { patterns: [], topics: ['a'] })).toEqual(['"2"'])
  expect(values(spool, { patterns: ['p'], topics: [] })).toEqual(['"4"'])
  expect(values(spool, { patterns: ['p', 'q'], topics: [] })).toEqual([])
})

it('takes no more than it may hold, and says what it has not taken', () => {
  const spool = opened(newFile(), 50)
  const large = event(2, { value: 'x'.repeat(42) })
  expect(spool.add([event(1), large, event(3)])).toEqual([large])
  expect(spool.status()).toEqual({ events: 2, bytes: 14, maxBytes: 50, waiting: { p: 2 }, refused: 0 })
  spool.remove([event(1), event(3)])
  expect(spool.add([large])).toEqual([])
})

it('keeps what Kafka refuses, and does not give it out again', () => {
  const file = newFile()
  const spool = opened(file)
  spool.add([event(1), event(2)])
  spool.refuse(event(1), 'too large')
  expect(values(spool)).toEqual(['"2"'])
  spool.close()
  expect(opened(file).status()).toMatchObject({ events: 1, refused: 1, waiting: { p: 1 } })
})

describe('after the process was killed', () => {
  /** What is on the disk of a spool that is still open, somewhere else. */
  const copyOf = (file: string) => {
    const copy = newFile()
    opened(copy).close()
    for (const ending of ['', '-wal']) copyFileSync(file + ending, copy + ending)
    return copy
  }

  it('it has all that it took, and goes on behind that', () => {
    const file = newFile()
    const spool = opened(file)
    spool.add([event(1), event(2)])
    spool.remove([event(1)])
    spool.add([event(7)])
    const after = opened(copyOf(file))
    expect(values(after)).toEqual(['"2"', '"7"'])
    expect(after.lastSeq).toBe(7)
    expect(after.has({ pattern: 'p', topic: 't' })).toBe(true)
  })

  it.each([1, 100, 2_000])('it does without a last write of which %i bytes are missing', missing => {
    const file = newFile()
    const spool = opened(file)
    spool.add([event(1)])
    spool.add([event(2, { value: 'x'.repeat(3_000) })])
    const copy = copyOf(file)
    truncateSync(`${copy}-wal`, statSync(`${copy}-wal`).size - missing)
    expect(values(opened(copy))).toEqual(['"1"'])
  })

  it('it does without what was half written behind its end', () => {
    const file = newFile()
    const spool = opened(file)
    spool.add([event(1)])
    const copy = copyOf(file)
    appendFileSync(`${copy}-wal`, '{"seq": 2, "val')
    appendFileSync(copy, '{"seq": 2, "val')
    expect(values(opened(copy))).toEqual(['"1"'])
  })
})

it("a file that is another process's, or no spool, is refused in words", () => {
  const file = newFile()
  opened(file).close()
  writeFileSync(file, 'no database, and longer than the header of one would be'.repeat(10))
  expect(() => openSpool(file, 1)).toThrow(/can't be opened as a database/)
  expect(readFileSync(file, 'utf8')).toContain('no database')
})
