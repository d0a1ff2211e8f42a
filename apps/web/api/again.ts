/** How long to wait before the next try, in ms. Not all who lost the same server come back at once. */
export const pauseMs = (failures: number) =>
  Math.min(1_000 * 2 ** failures, 30_000) * (0.5 + Math.random() / 2)

export const wait = (ms: number, signal: AbortSignal) =>
  new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
