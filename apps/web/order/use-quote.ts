'use client'

import { useEffect, useState } from 'react'
import { ask } from '../api/answer.ts'
import { quote } from '../api/answers.ts'
import { whileSeen } from '../api/while-seen.ts'

/** A quote that takes longer is not worth the wait. */
const waitS = 3

/** Asks in how many minutes an order at a restaurant would be ready; undefined where nobody says so in time. */
export async function askForQuote(restaurant: string, signal: AbortSignal): Promise<number | undefined> {
  const answer = await ask('/api/quotes', quote, {
    post: { restaurant },
    headers: { prefer: `wait=${waitS}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout((waitS + 2) * 1_000)]),
  })
  return answer.state === 'ready' ? answer.data.minutes : undefined
}

/**
 * In how many minutes an order at a restaurant would be ready, asked again whenever the page is looked at again; undefined
 * until it is known, and where it can't be.
 * @param restaurant its name, by which its kitchen is known
 */
export function useQuote(restaurant: string): number | undefined {
  const [last, setLast] = useState<{ restaurant: string; minutes: number | undefined }>()
  useEffect(
    () =>
      whileSeen(() => {
        const left = new AbortController()
        void askForQuote(restaurant, left.signal).then(minutes => {
          if (!left.signal.aborted) setLast({ restaurant, minutes })
        })
        return () => left.abort()
      }),
    [restaurant],
  )
  return last?.restaurant === restaurant ? last.minutes : undefined
}
