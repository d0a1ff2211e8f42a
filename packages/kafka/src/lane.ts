import type { Logger } from 'kafka-restaurants-service'
import { deadLetter } from './dead-letter.ts'
import { type Handled, handleInKeyOrder } from './in-key-order.ts'
import { causalHeaders, type InputRecord, type OutputRecord, UnreadableRecordError } from './record.ts'
import type { CommitOffsets, Sink } from './sink.ts'

/** What to do with a record: its outputs, or an error; an `UnreadableRecordError` makes it a dead letter. */
export type Handle = (record: InputRecord) => Promise<OutputRecord[]>

/** One assigned partition on its way: what it has committed, and what it has done beyond that. */
export interface Lane {
  /**
   * Handles records and commits the done ones up to the first that failed.
   * @param end the offset to commit when all are done: past the last record, and past the control records behind it
   * @returns the offset up to which all is committed, and what stopped it there, if anything did
   */
  advance: (
    records: InputRecord[],
    end: bigint,
    commitOffsets: CommitOffsets,
  ) => Promise<{ handledTo: bigint; failure?: unknown }>
  /** The first offset still to be handled; undefined before anything was committed. */
  committed: bigint | undefined
  close: () => Promise<void>
}

export interface LaneOptions {
  group: string
  handle: Handle
  concurrency: number
  log: Logger
  onOutcome: (outcome: 'handled' | 'dead-letter' | 'failed') => void
}

/** Takes a partition over through its sink. */
export async function openLane(sink: Sink, options: LaneOptions): Promise<Lane> {
  const known = new Map<string, OutputRecord[]>()
  const tries = new Map<string, number>()
  const handle = withDeadLetters(options, tries)

  const lane: Lane = {
    committed: await sink.takeOver(),
    close: () => sink.close(),
    advance: async (records, end, commitOffsets) => {
      const results = await handleInKeyOrder(records, options.concurrency, handle, known)
      const firstOpen = results.findIndex(result => !result.done)
      const done = firstOpen < 0 ? records : records.slice(0, firstOpen)
      const handledTo = firstOpen < 0 ? end : BigInt(records[firstOpen]?.offset ?? 0)
      if (done.length > 0) {
        await sink.commit(results.slice(0, done.length).flatMap(outputsOf), handledTo, commitOffsets)
        lane.committed = handledTo
        for (const { offset } of done) {
          known.delete(offset)
          tries.delete(offset)
        }
      }
      const open = results[firstOpen]
      return open && !open.done ? { handledTo, failure: open.error } : { handledTo }
    },
  }
  return lane
}

/** What every handler needs and none should repeat: dead letters, causal headers, counting. */
function withDeadLetters({ group, handle, log, onOutcome }: LaneOptions, tries: Map<string, number>): Handle {
  return async record => {
    const attempts = (tries.get(record.offset) ?? 0) + 1
    tries.set(record.offset, attempts)
    try {
      const outputs = await handle(record)
      onOutcome('handled')
      const cause = causalHeaders(record.headers)
      return outputs.map(output => ({ ...output, headers: { ...cause, ...output.headers } }))
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) {
        onOutcome('failed')
        throw error
      }
      onOutcome('dead-letter')
      log.warn({ record: record.reference, reason: error.message, attempts }, 'dead letter')
      return [deadLetter(record, { reason: error.message, group, attempts, at: new Date() })]
    }
  }
}

const outputsOf = (result: Handled) => (result.done ? result.outputs : [])
