import { UnreadableRecordError } from 'kafka-restaurants-delivery'
import type { InputRecord } from '../record.ts'

/** What is kept for the key of the record in hand. No other key can be touched, as its records may be in hand as well. */
export interface KeyState {
  /**
   * A copy of what is kept; undefined where there is nothing. What was set before is seen, be it committed or not.
   * @throws UnreadableRecordError for a record without a key
   * @throws Error when the record is not in hand any more
   */
  get: () => Buffer | undefined
  /** Keeps something else, or nothing for null: as soon as the handler's result is committed, and not if it throws. */
  set: (value: string | Buffer | null) => void
}

/** What a record's handler has set. */
export interface Change {
  key: string
  value: Buffer | undefined
}

/** What is kept by key: what is committed, and on top of it what waits to be. Knows no Kafka. */
export interface State {
  /** Lends the state of a record's key to its handler. */
  lend: (record: InputRecord) => Loan
  /** A change waits to be committed: who asks sees it from now on. */
  apply: (change: Change) => void
  /** It is committed. To be called in the order of `apply`. */
  keep: (change: Change) => void
  /** Forgets all changes that are not committed. */
  rollBack: () => void
}

export interface Loan {
  state: KeyState
  /** Ends it. @returns what was set, if something was */
  end: () => Change | undefined
}

/** @param kept what is committed, by key in latin1 */
export function createState(kept: Map<string, Buffer>): State {
  const waiting = new Map<string, Change>()

  const lend = (record: InputRecord): Loan => {
    const key = record.key?.toString('latin1')
    let change: Change | undefined
    let isOver = false
    const ownKey = () => {
      if (isOver) throw new Error(`${record.reference} is not in hand any more`)
      if (key === undefined) throw new UnreadableRecordError('a record without a key has no state')
      return key
    }
    return {
      state: {
        get: () => {
          const own = ownKey()
          const last = change ?? waiting.get(own)
          const value = last ? last.value : kept.get(own)
          return value && Buffer.from(value)
        },
        set: value => {
          change = { key: ownKey(), value: value === null ? undefined : Buffer.from(value) }
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
    keep: change => {
      if (change.value) kept.set(change.key, change.value)
      else kept.delete(change.key)
      if (waiting.get(change.key) === change) waiting.delete(change.key)
    },
    rollBack: () => waiting.clear(),
  }
}

const refuse = () => {
  throw new Error('only a stateful worker keeps a state')
}
/** What a handler is given where nothing is kept. */
export const noLoan: Loan = { state: { get: refuse, set: refuse }, end: () => undefined }
