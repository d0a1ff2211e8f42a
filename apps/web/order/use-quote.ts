'use client'

import { Quote } from 'kafka-restaurants-contracts'
import { useEffect, useState } from 'react'
import { ask } from '../api/answer.ts'
import { whileSeen } from '../api/while-seen.ts'

/** A quote that takes longer is not worth the wait. */
const waitS = 3

/** Asks in how many minutes an order at a restaurant would be ready; undefined where nobody says so in time. */
export async function askForQuote(restaurant: string, signal: AbortSignal): Promise<number | undefined> {
  const answer = await ask('/api/quotes', Quote, {
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
  const [quote, setQuote] = useState<{ restaurant: string; minutes: number | undefined }>()
  useEffect(
    () =>
      whileSeen(() => {
        const left = new AbortController()
        void askForQuote(restaurant, left.signal).then(minutes => {
          if (!left.signal.aborted) setQuote({ restaurant, minutes })
        })
        return () => left.abort()
      }),
    [restaurant],
  )
  return quote?.restaurant === restaurant ? quote.minutes : undefined
}
