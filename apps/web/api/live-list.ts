import type { z } from 'zod'
import { pauseMs, wait } from './again.ts'
import { type Answer, ask } from './answer.ts'

/** `lost` is when what is known may be old. */
export type Connection = 'opening' | 'live' | 'lost'

interface Listener<Item> {
  /** Told all that there are (`isAll`), or those that have changed. */
  tell: (items: Item[], isAll: boolean) => void
  connected: (connection: Connection) => void
}

type Stream = Pick<EventSource, 'close' | 'onerror' | 'onmessage'>

/** What following is done with. */
interface Parts<Item> {
  ask: (signal: AbortSignal) => Promise<Answer<Item[]>>
  /** Opens a stream whose events are lists: first all, then what has changed. */
  open: () => Stream
  parse: (text: string) => Item[]
  wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/** The list at a path of the API, once or as a stream. */
export const listAt = <Item>(path: string, schema: z.ZodType<Item[]>): Parts<Item> => ({
  ask: signal => ask(path, schema, { signal }),
  open: () => new EventSource(path),
  parse: text => schema.parse(JSON.parse(text)),
  wait,
})

/**
 * Follows a list through whatever is away meanwhile. A stream that has failed is opened anew, and not by the browser: so its
 * first event is all that there is. One that does not come at all is made up for by asking.
 * @returns what ends it; nothing is told after that
 */
export function followList<Item>(parts: Parts<Item>, { tell, connected }: Listener<Item>): () => void {
  const stopped = new AbortController()
  const { signal } = stopped
  let failures = 0

  /** @returns when the stream has failed, whether it had said anything */
  const listen = () =>
    new Promise<boolean>(resolve => {
      const source = parts.open()
      let isAll = true
      const end = () => {
        source.close()
        resolve(!isAll)
      }
      signal.addEventListener('abort', end)
      source.onerror = end
      source.onmessage = ({ data }: MessageEvent<string>) => {
        const items = parsed(() => parts.parse(data))
        if (signal.aborted) return
        if (!items) return end()
        failures = 0
        tell(items, isAll)
        isAll = false
        connected('live')
      }
    })

  async function look() {
    const answer = await parts.ask(signal)
    if (answer.state === 'ready' && !signal.aborted) tell(answer.data, true)
  }

  async function follow() {
    while (!signal.aborted) {
      const hasTold = await listen()
      if (signal.aborted) return
      connected('lost')
      if (!hasTold) await look()
      await parts.wait(pauseMs(failures++), signal)
    }
  }

  void follow()
  return () => stopped.abort()
}

/** What does not fit the contract counts as no answer. */
function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
