import { Readiness } from 'kafka-restaurants-service'

/** What is asked for what waits, by name; each answers on this port. */
export type Asked = Record<string, number>

const askEveryMs = 5_000

/** What a service says that waits, a sentence each; nothing where it does not answer. */
export async function outagesOn(port: number): Promise<string[]> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`, {
      signal: AbortSignal.timeout(2_000),
    })
    return Readiness.parse(await response.json()).outages
  } catch {
    return []
  }
}

/**
 * Tells when something of a service begins to wait, and when nothing of it does any more.
 * @returns ends it
 */
export function watchOutages(
  asked: Asked,
  say: (line: string) => void,
  { ask = outagesOn, everyMs = askEveryMs } = {},
): () => void {
  const waiting = new Set<string>()
  const look = async ([name, port]: [string, number]) => {
    const [first, ...more] = await ask(port)
    if (first !== undefined && !waiting.has(name)) {
      waiting.add(name)
      say(`${name} works on what it can; ${first}${more.length > 0 ? `, and ${more.length} more` : ''}`)
    } else if (first === undefined && waiting.delete(name)) say(`${name}: nothing waits any more`)
  }
  let isOver = false
  let timer: NodeJS.Timeout | undefined
  const lookAtAll = async () => {
    await Promise.all(Object.entries(asked).map(look))
    if (!isOver) timer = setTimeout(lookAtAll, everyMs).unref()
  }
  void lookAtAll()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
