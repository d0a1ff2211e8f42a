'use client'

import type { BoardTicket } from 'kafka-restaurants-contracts'
import { useCallback, useState } from 'react'
import type { Pressed } from './board.ts'
import { sendReady } from './send-ready.ts'

const nothing: Pressed = new Map()

/** What was pressed: it counts at once, and is taken back where the kitchen does not take it. */
export function useReady(taken: (tickets: BoardTicket[]) => void) {
  const [pressed, setPressed] = useState(nothing)
  const [failed, setFailed] = useState<ReadonlySet<string>>(new Set<string>())

  const press = useCallback(
    async (orderId: string) => {
      setPressed(before => new Map([...before, [orderId, new Date().toISOString()]]))
      setFailed(before => without(before, orderId))
      const ticket = await sendReady(orderId)
      if (ticket) taken([ticket])
      else setFailed(before => new Set([...before, orderId]))
      setPressed(before => new Map([...before].filter(([id]) => id !== orderId)))
    },
    [taken],
  )

  return { pressed, failed, press }
}

const without = (all: ReadonlySet<string>, one: string) => new Set([...all].filter(each => each !== one))
