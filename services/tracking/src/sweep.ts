import type { Logger } from 'kafka-restaurants-service'

const hourMs = 3_600_000

/** Removes orders that began too long ago, when it begins and every hour. */
export function createSweep(
  removeOlder: (than: string) => Promise<number>,
  keepDays: number,
  log: Logger,
): { begin: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  const sweep = async () => {
    try {
      const removed = await removeOlder(new Date(Date.now() - keepDays * 24 * hourMs).toISOString())
      if (removed > 0) log.info({ removed, keepDays }, 'old orders were removed')
    } catch (err) {
      log.warn({ err }, 'old orders could not be removed; again in an hour')
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
