import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { InputRecord } from '../record.ts'

/** What is kept for the key of the record in hand. No other key can be touched, as its records may be in hand as well. */
export interface KeyState<Kept> {
  /**
   * What is kept, which is not to be changed; undefined where there is nothing. What was set before is seen, be it
   * committed or not.
   * @throws UnreadableRecordError for a record without a key, or with a NUL byte in it
   * @throws Error when the record is not in hand any more
   */
  get: () => Kept | undefined
  /** Keeps something else, or nothing for null: as soon as the handler's result is committed, and not if it throws. */
  set: (value: Kept | null) => void
}

/**
 * How what is kept for a key stands in the changelog: as records of one or several parts, so that not all of it is written
 * with each change.
 */
export interface StateFormat<Kept> {
  /**
   * What brings the changelog from one value to another: by the part's name, what it holds now, or null where it is no
   * more. The part called '' has the key itself, others have it with a NUL byte and their name behind.
   */
  changes: (before: Kept | undefined, after: Kept | undefined) => Map<string, string | Buffer | null>
  /** What is kept, from all parts that there are. */
  restore: (parts: ReadonlyMap<string, Buffer>) => Kept
}

/** What a record's handler has set. */
export interface Change {
  key: string
  value: unknown
}

/** What is kept by key: what is committed, and on top of it what waits to be. Knows no Kafka. */
export interface State {
  /** Lends the state of a record's key to its handler. */
  lend: (record: InputRecord) => Loan
  /** A change waits to be committed: who asks sees it from now on. */
  apply: (change: Change) => void
  /** What the changelog is to be told of a change, where all that is to be committed before it is so. */
  written: (change: Change) => { key: Buffer; value: string | Buffer | null }[]
  /** It is committed. To be called in the order of `apply`. */
  keep: (change: Change) => void
  /** Forgets all changes that are not committed. */
  rollBack: () => void
}

export interface Loan {
  state: KeyState<unknown>
  /** Ends it. @returns what was set, if something was */
  end: () => Change | undefined
}

const separator = '\0'

/** @param changelog what is committed, by the key of its record in latin1 */
export function createState(changelog: ReadonlyMap<string, Buffer>, format: StateFormat<unknown>): State {
  const kept = restored(changelog, format)
  const waiting = new Map<string, Change>()

  const lend = (record: InputRecord): Loan => {
    const key = record.key?.toString('latin1')
    let change: Change | undefined
    let isOver = false
    const ownKey = () => {
      if (isOver) throw new Error(`${record.reference} is not in hand any more`)
      if (key === undefined) throw new UnreadableRecordError('a record without a key has no state')
      if (key.includes(separator)) throw new UnreadableRecordError('a key with a NUL byte has no state')
      return key
    }
    return {
      state: {
        get: () => {
          const own = ownKey()
          const last = change ?? waiting.get(own)
          return last ? last.value : kept.get(own)
        },
        set: value => {
          change = { key: ownKey(), value: value ?? undefined }
        },
      },
      end: () => {
        isOver = true
        return change
      },
    }
  }

  return {
    lend,
    apply: change => {
      waiting.set(change.key, change)
    },
    written: ({ key, value }) =>
      [...format.changes(kept.get(key), value)].map(([part, text]) => ({
        key: Buffer.from(part === '' ? key : `${key}${separator}${part}`, 'latin1'),
        value: text,
      })),
    keep: change => {
      if (change.value === undefined) kept.delete(change.key)
      else kept.set(change.key, change.value)
      if (waiting.get(change.key) === change) waiting.delete(change.key)
    },
    rollBack: () => waiting.clear(),
  }
}

/** Of which key a record of a changelog is, in latin1, and which part of what is kept for it. */
export function partOfKey(name: string): { key: string; part: string } {
  const at = name.indexOf(separator)
  return at < 0 ? { key: name, part: '' } : { key: name.slice(0, at), part: name.slice(at + 1) }
}

function restored(
  changelog: ReadonlyMap<string, Buffer>,
  format: StateFormat<unknown>,
): Map<string, unknown> {
  const parts = new Map<string, Map<string, Buffer>>()
  for (const [name, value] of changelog) {
    const { key, part } = partOfKey(name)
    const own = parts.get(key) ?? new Map<string, Buffer>()
    parts.set(key, own.set(part, value))
  }
  return new Map([...parts].map(([key, own]) => [key, format.restore(own)]))
}

const refuse = () => {
  throw new Error('only a stateful worker keeps a state')
}
/** What a handler is given where nothing is kept. */
export const noLoan: Loan = { state: { get: refuse, set: refuse }, end: () => undefined }
