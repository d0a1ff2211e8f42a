import type { TopicPartition } from '../commit/store.ts'
import { sizeOf } from '../producer.ts'
import type { InputRecord } from '../record.ts'
import { createLedger, type Gathered, type Ledger } from './ledger.ts'
import type { Change } from './state.ts'

/** A record from when it was read until it is committed. */
export interface Item {
  record: InputRecord
  offset: bigint
  bytes: number
  part: HeldPart
  hasFailed: boolean
  /** Whether nothing of it counts any more: its topic has been made anew, or it is handled again. */
  isVoid: boolean
  /** When it was taken, and handled, among all of the lane. */
  taken: number
  handled?: number
  change?: Change | undefined
}

/** A part, and what was read of it and is not committed yet. */
export interface HeldPart extends TopicPartition {
  ledger: Ledger
  held: Map<bigint, Item>
  /** What was to be read when reading began behind it. */
  soughtFor?: bigint | undefined
  skippedTo?: bigint | undefined
}

/** What a lane holds: all that was read and is not committed yet. A full lane is read on only when half of what it holds is committed. */
export interface Holdings {
  parts: HeldPart[]
  /** What was read becomes an item for each record that is to be handled. Arguments as of `Ledger.take`. */
  take: (part: HeldPart, records: InputRecord[], from: bigint, end: bigint) => Item[]
  /** The same record as another item, as nothing of the first one counts. */
  again: (item: Item) => Item
  letGo: (item: Item) => void
  /** Lets go of all of a part, and of what is known of it. */
  forget: (part: HeldPart) => void
  all: () => Item[]
  /** Those of a commit. */
  of: (done: readonly (TopicPartition & Gathered)[]) => Item[]
  /** A number that is larger than all before: what happens in an order has them. */
  tick: () => number
  isFull: () => boolean
  /** Whether there is room again. Says so once. */
  hasRoomAgain: () => boolean
}

/** A lane holds not much more, and a commit takes not much more of it. */
export const most = { records: 1_000, bytes: 8 * 1024 * 1024 }

export function createHoldings(partitions: TopicPartition[]): Holdings {
  /** Of several that belong together all goes into a commit, or nothing. */
  const newLedger = () => createLedger(partitions.length === 1 ? most.bytes : undefined)
  const parts: HeldPart[] = partitions.map(at => ({ ...at, ledger: newLedger(), held: new Map() }))
  let bytes = 0
  let ticks = 0
  let isFull = false
  const count = () => parts.reduce((sum, { held }) => sum + held.size, 0)
  const tick = () => {
    ticks += 1
    return ticks
  }
  const hold = (item: Omit<Item, 'hasFailed' | 'isVoid' | 'handled' | 'change'>): Item => {
    const held: Item = { ...item, hasFailed: false, isVoid: false }
    item.part.held.set(item.offset, held)
    return held
  }
  const letGo = (item: Item) => {
    if (item.part.held.delete(item.offset)) bytes -= item.bytes
  }

  return {
    parts,
    tick,
    letGo,
    take: (part, records, from, end) => {
      const byOffset = new Map(records.map(record => [BigInt(record.offset), record]))
      const items = part.ledger.take(from, end, [...byOffset.keys()]).map(offset => {
        const record = withOwnBytes(byOffset.get(offset) as InputRecord)
        const size = sizeOf({ ...record, headers: record.rawHeaders })
        bytes += size
        return hold({ record, offset, part, bytes: size, taken: tick() })
      })
      isFull ||= count() >= most.records || bytes >= most.bytes
      return items
    },
    again: item => {
      const { record, offset, part, bytes, taken } = item
      item.isVoid = true
      return hold({ record, offset, part, bytes, taken })
    },
    forget: part => {
      for (const item of part.held.values()) {
        item.isVoid = true
        letGo(item)
      }
      part.ledger = newLedger()
    },
    all: () => parts.flatMap(({ held }) => [...held.values()]),
    of: done =>
      done.flatMap(({ topic, outputs }) => {
        const held = parts.find(part => part.topic === topic)?.held
        return [...outputs.keys()].flatMap(offset => held?.get(offset) ?? [])
      }),
    isFull: () => isFull,
    hasRoomAgain: () => {
      if (!isFull || count() > most.records / 2 || bytes > most.bytes / 2) return false
      isFull = false
      return true
    },
  }
}

export const inOrderOf = (when: 'taken' | 'handled', items: Item[]): Item[] =>
  items.sort((a, b) => (a[when] ?? 0) - (b[when] ?? 0))

/** What was read shares the memory of all that came with it, which one record that waits would hold. */
const withOwnBytes = (record: InputRecord): InputRecord => ({
  ...record,
  key: record.key && Buffer.from(record.key),
  value: Buffer.from(record.value),
})
