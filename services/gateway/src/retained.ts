import { z } from 'zod'
import type { Answer } from './reply.ts'

/** Where a reply is: the feedback topic is its store. */
export interface ReplyPlace {
  topic: string
  partition: number
  offset: string
}

/** What the replicas tell each other of a call whose reply is kept, as a record of `callsTopic` with its id as key. */
export const CallRecord = z.object({
  id: z.string(),
  /** Names the try to claim the id: of several, the first in the topic has it. */
  nonce: z.string(),
  /**
   * `claim`: this call has the id from now on. `written`: its request is written. `release`: it does not have the id any
   * more, as its request was surely not written. `probe`: nothing; who reads it back has read all before it.
   */
  type: z.enum(['claim', 'written', 'release', 'probe']),
  /** Method and path. */
  route: z.string().default(''),
  /** Whose call it is, where clients have API keys. */
  client: z.string().default(''),
  /** Of what was asked. */
  hash: z.string().default(''),
})
export type CallRecord = z.output<typeof CallRecord>

/** A call whose reply is kept. */
export interface Call extends Pick<CallRecord, 'id' | 'nonce' | 'route' | 'client' | 'hash'> {
  /** When its claim was written, in ms since the epoch, as its record says: the same for all replicas. */
  at: number
  /** Whether its request is known to be written. */
  isWritten: boolean
  place?: ReplyPlace
  /** The reply itself, while there is room for it. */
  answer?: Answer | undefined
}

export interface RetainedCalls {
  /** Learns what a record of `callsTopic` says; the same again changes nothing. */
  learn: (record: CallRecord, at: number) => void
  get: (id: string) => Call | undefined
  /** Keeps the first reply to a call. */
  replied: (call: Call, place: ReplyPlace, answer: Answer | undefined) => void
  /** When the oldest call was claimed that is not over yet. */
  oldest: () => number | undefined
  size: () => number
  /** Forgets what is over. */
  sweep: () => void
}

/**
 * The calls whose replies are kept, the same in every replica that has read the same records: which claim has an id is
 * decided by their order and their times alone.
 * @param mostBytes of replies in memory; of older ones, only their places are kept
 */
export function retainedCalls({
  retainMs,
  mostBytes,
  now = Date.now,
}: {
  retainMs: number
  mostBytes: number
  now?: () => number
}): RetainedCalls {
  const calls = new Map<string, Call>()
  let cached: Call[] = []
  let bytes = 0
  const isOver = ({ at }: Call, time: number) => time - at >= retainMs

  const forget = (call: Call) => {
    calls.delete(call.id)
    drop(call)
  }
  const drop = (call: Call) => {
    bytes -= call.answer?.body.length ?? 0
    call.answer = undefined
  }
  return {
    learn: ({ id, nonce, type, route, client, hash }, at) => {
      const holder = calls.get(id)
      if (type === 'release' && holder?.nonce === nonce) forget(holder)
      if (type === 'written' && holder?.nonce === nonce) holder.isWritten = true
      if (type !== 'claim') return
      if (holder && !isOver(holder, at)) return
      if (holder) drop(holder)
      calls.set(id, { id, nonce, route, client, hash, at, isWritten: false })
    },
    get: id => {
      const call = calls.get(id)
      return call && !isOver(call, now()) ? call : undefined
    },
    replied: (call, place, answer) => {
      if (call.place) return
      call.place = place
      if (!answer || answer.body.length > mostBytes) return
      call.answer = answer
      bytes += answer.body.length
      cached.push(call)
      if (bytes <= mostBytes) return
      for (const old of cached.splice(0, Math.ceil(cached.length / 2))) drop(old)
    },
    oldest: () => {
      let oldest: number | undefined
      for (const call of calls.values())
        if (!isOver(call, now())) oldest = Math.min(oldest ?? call.at, call.at)
      return oldest
    },
    size: () => calls.size,
    sweep: () => {
      // A clock that is ahead must not make this replica decide otherwise than the others.
      const time = now() - clocksDifferMs
      for (const call of calls.values()) if (isOver(call, time)) forget(call)
      cached = cached.filter(({ answer }) => answer !== undefined)
    },
  }
}

/** How far the clocks of replicas and repliers may be apart. */
export const clocksDifferMs = 60_000
