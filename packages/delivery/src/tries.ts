import type { Logger } from 'kafka-restaurants-service'
import { OutageError } from './errors.ts'
import type { Held } from './held.ts'
import type { countWork } from './work.ts'

export interface TriesOptions<Item> {
  /** Keeps in a safe place how often an item was tried; it is tried again only when that is done. */
  keepAttempts?: (item: Item, attempts: number) => void | Promise<void>
  /** How to call an item in the log. */
  nameOf: (item: Item) => string
  log: Logger
}

/** Counts how often items were tried, and has that kept. */
export function createTries<Item>(
  { keepAttempts, nameOf, log }: TriesOptions<Item>,
  work: ReturnType<typeof countWork>,
) {
  /** Those whose tries are being kept, or could not be. */
  const unkept = new Map<Held<Item>, Promise<void>>()

  const keep = async (held: Held<Item>) => {
    work.begins()
    try {
      await keepAttempts?.(held.item, held.attempts)
      unkept.delete(held)
    } finally {
      work.ends()
    }
  }

  return {
    count: (held: Held<Item>) => {
      held.attempts += 1
      if (!keepAttempts) return
      const kept = keep(held)
      unkept.set(held, kept)
      kept.catch(err => log.warn({ item: nameOf(held.item), err }, 'tries are not kept yet'))
    },
    areKept: (held: Held<Item>) => !unkept.has(held),
    /** @throws OutageError, as that is no try */
    keepAgain: async (held: Held<Item>) => {
      try {
        await unkept.get(held)?.catch(() => keep(held))
      } catch (cause) {
        throw new OutageError('its tries can not be kept', { cause })
      }
    },
    forget: (held: Held<Item>) => void unkept.delete(held),
  }
}
