const firstMs = 200
const mostMs = 5_000

/** How long to wait before try `attempt` (from 1), in ms: doubling from 200 ms up to 5 s, with up to half taken off at random. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(mostMs, firstMs * 2 ** (attempt - 1))
  return Math.round(full * (1 - random() / 2))
}

/** Waits that long, or until the signal is aborted. Never rejects, and never keeps a process alive. */
export const backoff = (attempt: number, signal: AbortSignal) =>
  new Promise<void>(resolve => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, backoffMs(attempt))
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
