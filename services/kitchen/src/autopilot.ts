import type { Ticket } from 'kafka-restaurants-contracts'
import type { Logger } from 'kafka-restaurants-service'

interface Staff {
  oldestCooking: () => Ticket | undefined
  ready: (orderId: string) => void
}

/** The clock may be set, so no timer is set for longer. */
const longestMs = 60_000
const againMs = 1_000

/** Plays the staff: each ticket becomes ready so many seconds after its cooking began, whatever was restarted meanwhile. */
export function createAutopilot(seconds: number, { oldestCooking, ready }: Staff, log: Logger) {
  let timer: NodeJS.Timeout | undefined

  /** Finishes all that is due. @returns in how many ms the next one will be */
  const finishDue = (): number | undefined => {
    for (let ticket = oldestCooking(); ticket; ticket = oldestCooking()) {
      const dueInMs = Date.parse(ticket.cookingAt) + seconds * 1_000 - Date.now()
      if (dueInMs > 0) return dueInMs
      ready(ticket.orderId)
    }
    return undefined
  }

  const nextInMs = (): number | undefined => {
    try {
      return finishDue()
    } catch (err) {
      log.warn({ err }, 'no ticket can be made ready now')
      return againMs
    }
  }

  const look = () => {
    clearTimeout(timer)
    const waitMs = nextInMs()
    if (waitMs !== undefined) timer = setTimeout(look, Math.min(waitMs, longestMs))
  }
  return { look, stop: () => clearTimeout(timer) }
}
