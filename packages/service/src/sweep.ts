import type { Logger } from 'pino'

const hourMs = 3_600_000

/**
 * Removes what is too old, when it begins and every hour.
 * @param what is removed, as the log calls it
 * @param removeOlder than a time in ISO 8601; gives how many it removed
 */
export function createSweep(
  what: string,
  removeOlder: (than: string) => number | Promise<number>,
  keepDays: number,
  log: Logger,
): { begin: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  const sweep = async () => {
    try {
      const removed = await removeOlder(new Date(Date.now() - keepDays * 24 * hourMs).toISOString())
      if (removed > 0) log.info({ removed, keepDays }, `old ${what} were removed`)
    } catch (err) {
      log.warn({ err }, `old ${what} could not be removed; again in an hour`)
    }
  }
  return {
    begin: () => {
      void sweep()
      timer = setInterval(sweep, hourMs)
    },
    stop: () => clearInterval(timer),
  }
}
