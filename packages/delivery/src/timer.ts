/** No timer is set for longer, in ms: Node's own do not go beyond 24 days. */
const longestMs = 60_000

/** A timer that is set anew only when its time is another one. Keeps no process alive. */
export function createTimer(wake: () => void) {
  let setFor = Number.POSITIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  return {
    /** Wakes at `wakeAt`, or earlier; never for infinity. */
    set: (wakeAt: number, now: number) => {
      if (wakeAt === setFor) return
      setFor = wakeAt
      clearTimeout(timer)
      if (wakeAt === Number.POSITIVE_INFINITY) return
      const onTime = () => {
        setFor = Number.POSITIVE_INFINITY
        wake()
      }
      timer = setTimeout(onTime, Math.min(Math.ceil(wakeAt - now), longestMs)).unref()
    },
  }
}
