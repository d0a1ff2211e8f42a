import { backoffMs, OutageError } from 'kafka-restaurants-delivery'
import type { Logger } from 'kafka-restaurants-service'
import type { Consumer } from 'kafkajs'
import type { Lane } from './lane.ts'
import type { TopicPartition } from './sink.ts'

/** Brings a consumer back to what is still open in a partition. */
export interface Retries {
  /** The partition works: if something in it waits, it is to be tried at `retryAt` (ms since the epoch). */
  works: (retryAt?: number) => void
  /** Nothing of the partition works: pauses it, and tries again after a while, longer each time. */
  pause: (pause: () => () => void, error: unknown) => void
  /** Why it is paused, in words; undefined when it is not. */
  outage: () => string | undefined
}

export function retries(consumer: Consumer, at: TopicPartition, lane: Lane, log: Logger): Retries {
  let outage: { attempt: number; reason: string } | undefined
  let resume: (() => void) | undefined
  let timer: NodeJS.Timeout | undefined

  const goBack = async () => {
    await lane.dropExpired().catch(err => log.debug({ ...at, err }, 'what has expired is not known now'))
    const next = lane.next()
    try {
      if (next !== undefined) consumer.seek({ ...at, offset: String(next) })
    } catch (err) {
      // kafkajs is about to start the consumer anew, and that begins with what is open, too.
      log.debug({ ...at, err }, 'no seek now')
    }
    resume?.()
    resume = undefined
  }
  const schedule = (afterMs: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => void goBack(), afterMs).unref()
  }

  return {
    works: retryAt => {
      outage = undefined
      if (retryAt !== undefined) schedule(Math.max(0, retryAt - Date.now()))
    },
    pause: (pause, error) => {
      const reason = error instanceof Error ? error.message : String(error)
      const attempt = (outage?.attempt ?? 0) + 1
      outage = { attempt, reason }
      log.warn({ ...at, attempt, err: error }, 'partition waits, and is tried again')
      resume = pause()
      schedule(Math.max(backoffMs(attempt), error instanceof OutageError ? error.waitMs : 0))
    },
    outage: () =>
      outage && `${at.topic}[${at.partition}] waits after try ${outage.attempt}: ${outage.reason}`,
  }
}
