import { type BreakName, Breaks } from 'kafka-restaurants-contracts'
import { useEffect, useState } from 'react'
import { wait } from '../api/again.ts'
import { ask } from '../api/answer.ts'
import { whileSeen } from '../api/while-seen.ts'

const path = '/api/backstage/breaks'
const everyMs = 1_000

/** What came of pressing a button. */
export type Pressed = 'taken' | 'already' | 'failed'

/** What may be broken here, and what is, looked at once a second while somebody looks; once where nothing may be. */
export function useBreaks() {
  const [breaks, setBreaks] = useState<Breaks>()
  useEffect(
    () =>
      whileSeen(() => {
        const left = new AbortController()
        void follow(setBreaks, left.signal)
        return () => left.abort()
      }),
    [],
  )
  const press = async (name: BreakName): Promise<Pressed> => {
    try {
      const answer = await fetch(`${path}/${name}`, { method: 'POST', headers: { 'X-Backstage': 'yes' } })
      if (!answer.ok) return answer.status === 409 ? 'already' : 'failed'
      setBreaks(Breaks.parse(await answer.json()))
      return 'taken'
    } catch {
      return 'failed'
    }
  }
  return { breaks, press }
}

async function follow(tell: (breaks: Breaks) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answer = await ask(path, Breaks, { signal })
    if (signal.aborted || answer.state === 'missing') return
    if (answer.state === 'ready') {
      tell(answer.data)
      if (answer.data.allowed.length === 0) return
    }
    await wait(everyMs, signal)
  }
}
