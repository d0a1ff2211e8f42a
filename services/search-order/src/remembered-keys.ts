import { HttpProblem } from 'kafka-restaurants-service'

/** The Idempotency-Keys that this process has seen lately. */
export interface RememberedKeys {
  /**
   * Does something once a key: a repeat gets the same promise. After a failure the key is free again.
   * @throws HttpProblem 409 when the key came with another fingerprint before
   */
  once: (key: string, fingerprint: string, act: () => Promise<void>) => Promise<void>
}

/** Remembers at most `limit` keys; the longest unused one is forgotten first. */
export function rememberedKeys(limit = 10_000): RememberedKeys {
  const seen = new Map<string, { fingerprint: string; done: Promise<void> }>()
  return {
    once: (key, fingerprint, act) => {
      const known = seen.get(key)
      if (known && known.fingerprint !== fingerprint) throw ofAnotherOrder()
      const entry = known ?? { fingerprint, done: act() }
      // Written anew even when known: a Map keeps the order of insertion, and so the longest unused comes first.
      seen.delete(key)
      seen.set(key, entry)
      if (!known) entry.done.catch(() => seen.get(key) === entry && seen.delete(key))
      const oldest = seen.size > limit ? seen.keys().next() : undefined
      if (oldest && !oldest.done) seen.delete(oldest.value)
      return entry.done
    },
  }
}

/** A key that came with another body before. */
export const ofAnotherOrder = () =>
  new HttpProblem(409, 'This Idempotency-Key belongs to another order', {
    detail: 'The key came with another body before. Use a new key for a new order.',
  })
