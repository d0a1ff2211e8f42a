const parentGoneMs = 500

/**
 * Calls `first` when the process is asked to end, or whoever started it is gone: killed, npm passes nothing on. Calls
 * `again` when asked once more. One Ctrl-C arrives from the terminal, from npm and from run.mjs: what comes within half a
 * second is one.
 */
export function onStop(first: () => void, again: () => void = () => {}): void {
  let firstAt = 0
  const ask = () => {
    if (firstAt === 0) {
      firstAt = Date.now()
      first()
    } else if (Date.now() - firstAt > 500) again()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask)
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    if (firstAt === 0) ask()
  }, parentGoneMs)
  watch.unref()
}

/** A terminal that was closed, or a `| head` that has seen enough, must not end what has to be stopped in order. */
export function outliveOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}
