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

/** Waits that long, or until the signal is aborted. Never rejects. */
export const backoff = (attempt: number, signal?: AbortSignal) =>
  new Promise<void>(resolve => {
    if (signal?.aborted) return resolve()
    const timer = setTimeout(resolve, backoffMs(attempt))
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
