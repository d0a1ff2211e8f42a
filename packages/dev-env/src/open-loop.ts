import { setTimeout } from 'node:timers/promises'

/** Acts at a set rate, however long each takes, until it is told to stop; resolves when all are done. */
export async function openLoop(
  rate: number,
  seconds: number,
  act: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const acts: Promise<void>[] = []
  const start = performance.now()
  while (acts.length < rate * seconds && !signal?.aborted) {
    const now = performance.now() - start
    const due = Math.min(rate * seconds, Math.floor((now / 1000) * rate) + 1)
    while (acts.length < due && !signal?.aborted) acts.push(act())
    // An abort ends the wait.
    await setTimeout((acts.length * 1000) / rate - now, undefined, signal ? { signal } : {}).catch(() => {})
  }
  await Promise.all(acts)
}
