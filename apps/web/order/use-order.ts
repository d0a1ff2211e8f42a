'use client'

import { money, type Problem, type Total } from 'kafka-restaurants-contracts'
import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { rememberOrder } from '../track/own-orders.ts'
import { markOrdered } from './basket.ts'
import { beginClick } from './click.ts'
import { isFor, keepAttempt, keptAttempt, newAttempt, type OrderAttempt, withTotal } from './order-attempt.ts'
import type { OrderContents } from './order-fields.ts'
import { keepReceipt } from './receipt.ts'
import { bodyOf, sendOrder } from './send-order.ts'

/**
 * Where an order form is: being filled in, on its way, sent back by the API with errors or with another price, to be sent
 * again, or filled in with something else while an earlier order may have been taken. `fault` numbers the times that it
 * was sent back; `open` says that an earlier try of the same order may have been taken all the same.
 */
export type OrderState =
  | { step: 'filling' }
  | { step: 'sending' }
  | { step: 'faulty'; fault: number; problem: Problem; open: boolean }
  | { step: 'repriced'; seen: Total; now: Total }
  | { step: 'not-taken' | 'unanswered' }
  | { step: 'other-open'; other: OrderAttempt }

/** After so long an order is not sent again by itself: the diner may have gone another way by then. */
const resumesWithinMs = 10 * 60_000

/**
 * Sends the order of a restaurant's page, one at a time, and moves on to the order's own page once it is taken. Until its
 * answer is there, key and order are kept in this tab, and a page that is loaded again goes on where it was.
 * @param onRefused told when the API sees the order in another way than the page, whose menu is out of date then
 * @param tracedShare of orders whose trace begins here; none does unless given
 */
export function useOrder(page: string, onRefused: () => void, tracedShare?: number) {
  const router = useRouter()
  const [state, setState] = useState<OrderState>({ step: 'filling' })
  const attempt = useRef<OrderAttempt>(undefined)
  // Two clicks may come before React has drawn the first one's effect.
  const busy = useRef(false)
  const faults = useRef(0)

  const setAttempt = (next: OrderAttempt | undefined) => {
    attempt.current = next
    keepAttempt(page, next?.openSince === undefined ? undefined : next)
  }

  async function sendAttempt(ready: OrderAttempt, click = beginClick(tracedShare)): Promise<void> {
    busy.current = true
    setState({ step: 'sending' })
    const sent = { ...ready, openSince: Date.now() }
    setAttempt(sent)
    const result = await sendOrder(sent, click).catch(() => ({ state: 'unanswered' as const }))

    if (result.state === 'accepted') {
      // Still busy: the page is left, and the button must not send again meanwhile.
      const { email, restaurantName, body, cart, key } = sent
      const total = body?.total ? money(body.total.amountCents, body.total.currency) : ''
      const { orderId } = result
      keepReceipt(orderId, { email, restaurant: restaurantName, total, page, key })
      rememberOrder({ orderId, restaurant: restaurantName, total, at: new Date().toISOString(), page, cart })
      markOrdered(page, key)
      // The order itself is kept until its page is there: a page loaded again meanwhile asks for it again.
      router.push(`/orders/${orderId}`)
      return
    }
    busy.current = false
    if (result.state === 'not-taken' || result.state === 'unanswered') {
      setState({ step: result.state })
      return
    }
    // A plain no; but it does not speak of an earlier try that had no answer.
    const open = ready.openSince !== undefined
    if (result.state === 'repriced') {
      setAttempt(open ? sent : ready)
      setState({ step: 'repriced', seen: result.seen, now: result.now })
    } else {
      setAttempt(open ? sent : undefined)
      setState({ step: 'faulty', fault: ++faults.current, problem: result.problem, open })
    }
    onRefused()
  }

  async function send(contents: OrderContents) {
    if (busy.current) return
    const last = attempt.current
    const again = last && isFor(last, contents) ? last : undefined
    if (last?.openSince !== undefined && !again) {
      setState({ step: 'other-open', other: last })
    } else {
      await sendContents(again ?? newAttempt(contents), contents)
    }
  }

  async function sendContents(next: OrderAttempt, contents: OrderContents) {
    busy.current = true
    setState({ step: 'sending' })
    const click = beginClick(tracedShare)
    const body = next.body ?? (await bodyOf({ ...contents, locale: next.locale }).catch(() => undefined))
    if (body) return sendAttempt(withTotal({ ...next, body }, contents.total), click)
    attempt.current = next
    busy.current = false
    setState({ step: 'not-taken' })
  }

  /** Sends the order again that has had no answer yet. */
  function sendAgain() {
    if (attempt.current?.body && !busy.current) void sendAttempt(attempt.current)
  }

  /** Sends an order though an earlier one may have been taken: the diner knows. */
  function sendBesides(contents: OrderContents) {
    if (!busy.current) void sendContents(newAttempt(contents), contents)
  }

  /** Takes back what was said of the order, now that it is another one. */
  const forget = () =>
    setState(current =>
      ['repriced', 'other-open', 'faulty'].includes(current.step) ? { step: 'filling' } : current,
    )

  /** Whether the card of this order is sealed already, so that nobody has to type it again. */
  const hasCardFor = (contents: OrderContents) =>
    attempt.current?.body !== undefined && isFor(attempt.current, contents)

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page
  useEffect(() => {
    const open = keptAttempt(page)
    if (!open || busy.current) return
    attempt.current = open
    if (open.body && Date.now() - (open.openSince ?? 0) < resumesWithinMs) sendAgain()
    else setState({ step: 'unanswered' })
  }, [page])

  return { state, send, sendAgain, sendBesides, forget, hasCardFor }
}
