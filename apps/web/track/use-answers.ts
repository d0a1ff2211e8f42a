'use client'

import { TrackedOrder } from 'kafka-restaurants-contracts'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type Answer, ask } from '../api/answer.ts'

type Answers = Readonly<Record<string, Answer<TrackedOrder>>>

/**
 * What tracking says of these orders, asked once. `retry` asks again for those that could not be reached; their last
 * answers stay meanwhile.
 * @param orderIds the same array until there are others
 */
export function useAnswers(orderIds: readonly string[]) {
  const [answers, setAnswers] = useState<Answers>({})
  const [loading, setLoading] = useState(false)
  const asking = useRef(new AbortController())

  const askFor = useCallback(async (ids: readonly string[]) => {
    asking.current.abort()
    asking.current = new AbortController()
    const { signal } = asking.current
    setLoading(true)
    await Promise.all(
      ids.map(async id => {
        const answer = await ask(`/api/orders/${id}`, TrackedOrder, { signal })
        if (!signal.aborted) setAnswers(before => ({ ...before, [id]: answer }))
      }),
    )
    if (!signal.aborted) setLoading(false)
  }, [])

  useEffect(() => {
    void askFor(orderIds)
    return () => asking.current.abort()
  }, [orderIds, askFor])

  const unreachable = orderIds.filter(id => answers[id]?.state === 'unreachable')
  return { answers, loading, unreachable, retry: () => void askFor(unreachable) }
}
