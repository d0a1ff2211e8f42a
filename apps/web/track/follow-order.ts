import { PlaceInLine, TrackedOrder } from 'kafka-restaurants-contracts'
import { pauseMs, wait } from '../api/again.ts'
import { type Answer, ask } from '../api/answer.ts'
import { steps } from './steps.ts'

/** What a page knows of an order that it follows. */
export interface Following {
  order?: TrackedOrder
  /** Whether nobody knew it when it was asked for last. */
  isMissing: boolean
  /** `back` is live again after it was lost; `over` is when nothing can change any more. */
  connection: 'opening' | 'live' | 'lost' | 'back' | 'over'
}

export const followingNothing: Following = { isMissing: false, connection: 'opening' }

/** What following is done with. */
interface Parts {
  /** Asks for the order; one that is not known yet is waited for a little. */
  ask: (orderId: string, signal: AbortSignal) => Promise<Answer<TrackedOrder>>
  /**
   * Opens a stream that tells of each change, also of those before, by its number from 1, and in events called `place` of
   * each place in line.
   */
  open: (
    orderId: string,
  ) => Pick<EventSource, 'readyState' | 'close' | 'onopen' | 'onerror' | 'onmessage' | 'addEventListener'>
  wait: (ms: number, signal: AbortSignal) => Promise<void>
}

const closed: typeof EventSource.CLOSED = 2

/** An order is known a moment after it was taken. */
const patienceS = 5

const inBrowser: Parts = {
  ask: (orderId, signal) =>
    ask(`/api/orders/${orderId}`, TrackedOrder, {
      signal,
      // Whatever is known of it is another than nothing, and comes at once.
      headers: { prefer: `wait=${patienceS}`, 'if-none-match': '"nothing"' },
    }),
  open: orderId => new EventSource(`/api/orders/${orderId}`),
  wait,
}

/**
 * Follows an order until it can't change any more, through whatever is away meanwhile. The stream only says that there is
 * news, which is asked for then: a change alone does not hold why an order was declined. A place in line is all there is to
 * know of it.
 * @param before what is known of it already
 * @param tell told of all that changes
 * @returns what ends it; nothing is told after that
 */
export function followOrder(
  orderId: string,
  before: Following,
  tell: (following: Following) => void,
  parts: Parts = inBrowser,
): () => void {
  const stopped = new AbortController()
  const { signal } = stopped
  let following = before
  let failures = 0

  const say = (news: Partial<Following>) => {
    if (signal.aborted) return
    following = { ...following, ...news }
    tell(following)
  }

  /** @returns whether there was an answer */
  async function look(): Promise<boolean> {
    const answer = await parts.ask(orderId, signal)
    if (answer.state === 'ready') {
      const isLast = steps[answer.data.status].isLast
      say({ order: answer.data, isMissing: false, ...(isLast && { connection: 'over' }) })
    } else if (answer.state === 'missing' && !following.order) say({ isMissing: true })
    else say({ connection: 'lost' })
    return answer.state === 'ready'
  }

  const isOver = () => following.connection === 'over'
  const hasChange = (number: number) => number <= (following.order?.history.length ?? 0)

  function move(data: string) {
    const { order } = following
    const { placeInLine } = placeIn(data) ?? {}
    if (order?.status === 'queued' && placeInLine !== undefined) say({ order: { ...order, placeInLine } })
  }

  /** Lasts until the stream has failed for good, or there is nothing to wait for. */
  const listen = () =>
    new Promise<void>(resolve => {
      const source = parts.open(orderId)
      const end = () => {
        source.close()
        resolve()
      }
      signal.addEventListener('abort', end)
      source.onopen = () => {
        failures = 0
        say({ connection: following.connection === 'lost' ? 'back' : 'live' })
      }
      source.onerror = () => {
        say({ connection: 'lost' })
        if (source.readyState === closed) end()
      }
      let looking = Promise.resolve()
      source.onmessage = ({ lastEventId }) => {
        const number = Number(lastEventId)
        looking = looking.then(async () => {
          if (hasChange(number) || signal.aborted) return
          const isAnswered = await look()
          if (!isAnswered || !hasChange(number) || isOver()) end()
        })
      }
      // Behind what is being asked for, as that may be older.
      source.addEventListener('place', ({ data }: MessageEvent<string>) => {
        looking = looking.then(() => move(data))
      })
    })

  async function follow() {
    while (!signal.aborted) {
      const isAnswered = await look()
      if (signal.aborted || isOver()) return
      if (isAnswered) await listen()
      if (signal.aborted || isOver()) return
      await parts.wait(pauseMs(failures++), signal)
    }
  }

  void follow()
  return () => stopped.abort()
}

/** What can't be read is passed over: the next change is asked for as a whole. */
function placeIn(data: string): PlaceInLine | undefined {
  try {
    return PlaceInLine.parse(JSON.parse(data))
  } catch {
    return undefined
  }
}
