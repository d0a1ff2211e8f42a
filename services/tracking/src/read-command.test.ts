import { randomUUID } from 'node:crypto'
import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { InputRecord } from 'kafka-restaurants-kafka'
import { describe, expect, it } from 'vitest'
import { readActionable, readEvent, readRequest } from './read-command.ts'

const record = (value: unknown, key: string | null = 'Fig'): InputRecord => ({
  topic: 'commands',
  partition: 3,
  offset: '42',
  timestamp: '1764158400000',
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  isTombstone: false,
  headers: {},
  rawHeaders: {},
  reference: 'commands-3@42/1764158400000',
})
const id = randomUUID()
const change = { at: '2025-11-26T12:00:00.000Z', topic: 'commands', partition: 3, offset: '42' }

describe('reading what is told of commands', () => {
  it('tells that an order waits, and where in line', () => {
    expect(readRequest(record({ id, message: '{}' }))).toEqual([
      {
        orderId: id,
        change: { ...change, status: 'queued' },
        details: { line: { resource: 'Fig', partition: 3, offset: 42 } },
      },
    ])
  })

  it('tells that it is cooked, and that it is ready', () => {
    const [cooking] = readActionable(record({ id, message: '{}', fence: 1 }, null))
    expect(cooking).toEqual({ orderId: id, change: { ...change, status: 'cooking' }, details: {} })
    const [ready] = readEvent(record({ id, type: 'TERMINATING' }))
    expect(ready).toEqual({ orderId: id, change: { ...change, status: 'ready' }, details: {} })
  })

  it.each(['INITIALIZING', 'CONTINUING', 'EXPIRED', 'RENAMED', 'terminating'])(
    'tells nothing of the event %s, whatever else is in it',
    type => {
      expect(readEvent(record({ id, type }))).toEqual([])
      expect(readEvent(record({ type }))).toEqual([])
    },
  )

  it('knows the ids of orders, also of the first generation, from those of other commands', () => {
    const idsRead = (ids: string[]) =>
      ids.flatMap(id => [
        ...readRequest(record({ id })),
        ...readActionable(record({ id })),
        ...readEvent(record({ id, type: 'TERMINATING' })),
      ])
    const derived = '0123456789abcdef'.repeat(2)
    expect(idsRead([id, derived])).toHaveLength(6)
    expect(idsRead(['backup', '', '\0', `${id} `, `${derived}0`, 'x'.repeat(5_000)])).toEqual([])
  })

  it.each([null, '', ' Fig', 'Fi\0g', 'x'.repeat(201)])(
    'refuses a request for %j, as the queue does',
    key => {
      expect(() => readRequest(record({ id }, key))).toThrow(UnreadableRecordError)
    },
  )

  it.each(['', 'null', '{}', '[]', '{"id":1,"type":1}'])('refuses %s', value => {
    for (const read of [readRequest, readActionable, readEvent])
      expect(() => read(record(value))).toThrow(UnreadableRecordError)
  })
})
