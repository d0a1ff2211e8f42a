import { setTimeout } from 'node:timers/promises'

/**
 * How long to wait before try `attempt` (from 1), in ms: doubling from `firstMs` (200 ms) up to `longestMs` (5 s), with up
 * to half taken off at random.
 */
export function backoffMs(
  attempt: number,
  { firstMs = 200, longestMs = 5_000, random = Math.random } = {},
): number {
  const full = Math.min(longestMs, firstMs * 2 ** (attempt - 1))
  return Math.round(full * (1 - random() / 2))
}

interface Patience {
  /** Until when a failure is followed by another try, in ms since the epoch: for ever unless given. */
  until?: number
  /** Once it is aborted there is no other try. */
  signal?: AbortSignal
  /** Whether a failure may pass by itself: each may unless given. */
  isPassing?: (error: unknown) => boolean
  /** How long to wait before the second try, in ms: 200 unless given. */
  firstMs?: number
  /** The longest wait between two tries, in ms: 5,000 unless given. */
  longestMs?: number
  /** Hears of each failure that is followed by another try. */
  onFailure?: (err: unknown, attempt: number) => void
}

/**
 * Tries until it works, with backoff in between.
 * @throws what the last try threw, when there is to be no other
 */
export async function retrying<T>(
  act: () => Promise<T>,
  { until = Number.POSITIVE_INFINITY, signal, isPassing = () => true, onFailure, ...waits }: Patience,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act()
    } catch (error) {
      if (signal?.aborted || Date.now() > until || !isPassing(error)) throw error
      onFailure?.(error, attempt)
    }
    await backoff(attempt, signal, waits)
  }
}

/** Waits that long, or until the signal is aborted. Never rejects. */
export const backoff = (
  attempt: number,
  signal?: AbortSignal,
  waits?: Pick<Patience, 'firstMs' | 'longestMs'>,
): Promise<void> => setTimeout(backoffMs(attempt, waits), undefined, signal ? { signal } : {}).catch(() => {})
