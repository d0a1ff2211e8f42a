'use client'

import { type BreakName, Breaks } from 'kafka-restaurants-contracts'
import { useCallback, useEffect, useState } from 'react'
import { ask } from '../api/answer.ts'
import { whileSeen } from '../api/while-seen.ts'

const path = '/api/backstage/breaks'
const everyMs = 2_000

const words = {
  heading: 'Break something',
  intro:
    'For half a minute, or until it has been started again. Order meanwhile: what waits is done as soon as the part is back, and nothing twice.',
  until: 'until',
  failed: 'That could not be broken now. Try again in a moment.',
  names: {
    'bank-away': 'Bank away',
    'bank-slow': 'Bank slow',
    'mail-away': 'Mail server away',
    'worker-killed': 'Kill the charging worker',
  } satisfies Record<BreakName, string>,
}

/** Buttons that break a part of this platform for a while, where that is allowed; nothing elsewhere. */
export function BreakButtons() {
  const [state, setState] = useState<Breaks>()
  const [hasFailed, setFailed] = useState(false)
  const look = useCallback(async (signal: AbortSignal) => {
    const answer = await ask(path, Breaks, { signal })
    if (answer.state === 'ready' && !signal.aborted) setState(answer.data)
  }, [])
  useEffect(
    () =>
      whileSeen(() => {
        const left = new AbortController()
        void look(left.signal)
        const timer = setInterval(() => void look(left.signal), everyMs)
        return () => {
          clearInterval(timer)
          left.abort()
        }
      }),
    [look],
  )
  if (!state?.allowed) return null

  const press = async (name: BreakName) => {
    const now = await broken(name)
    setFailed(now === undefined)
    if (now) setState(now)
  }
  return (
    <section aria-labelledby="breaks" className="panel mt-6 p-4 sm:p-5">
      <h2 id="breaks" className="text-lg font-bold">
        {words.heading}
      </h2>
      <p className="mt-1 max-w-2xl text-sm text-cocoa">{words.intro}</p>
      <ul className="mt-3 flex flex-wrap gap-2">
        {Object.entries(words.names).map(([each, text]) => {
          const name = each as BreakName
          const until = state.broken.find(other => other.name === name)?.until
          return (
            <li key={name}>
              <button
                type="button"
                className="button-quiet"
                aria-disabled={until !== undefined}
                onClick={until ? undefined : () => void press(name)}
              >
                {text}
                {until && <span className="ps-2 font-normal">{`${words.until} ${timeOf(until)}`}</span>}
              </button>
            </li>
          )
        })}
      </ul>
      <p role="status" className="mt-2 min-h-[1lh] text-sm text-alarm">
        {hasFailed && words.failed}
      </p>
    </section>
  )
}

const timeOf = (iso: string) => new Date(iso).toLocaleTimeString()

/** @returns what is broken then; nothing where it was not taken */
async function broken(name: BreakName): Promise<Breaks | undefined> {
  try {
    const answer = await fetch(`${path}/${name}`, { method: 'POST', headers: { 'x-backstage': 'yes' } })
    return answer.ok ? Breaks.parse(await answer.json()) : undefined
  } catch {
    return undefined
  }
}
