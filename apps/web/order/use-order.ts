'use client'

import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { attemptFor, type OrderAttempt } from './order-attempt.ts'
import {
  checkOrder,
  type FieldErrors,
  hasErrors,
  type OrderContents,
  problemErrors,
  withoutField,
} from './order-fields.ts'
import { keepReceipt, type Receipt } from './receipt.ts'
import { sendOrder } from './send-order.ts'

/**
 * Where an order form is: being filled in, on its way, sent back with errors, or to be sent again.
 * `fault` numbers the times that it was sent back.
 */
export type OrderState =
  | { step: 'filling' }
  | { step: 'sending' }
  | { step: 'faulty'; fault: number; errors: FieldErrors; title?: string }
  | { step: 'not-taken' | 'unanswered' }

/** Sends the form's order, one at a time, and moves on to the confirmation once it is taken. */
export function useOrder() {
  const router = useRouter()
  const [state, setState] = useState<OrderState>({ step: 'filling' })
  const attempt = useRef<OrderAttempt>(undefined)
  // Two clicks may come before React has drawn the first one's effect.
  const busy = useRef(false)
  const faults = useRef(0)

  async function send(contents: OrderContents, receipt: Omit<Receipt, 'email'>) {
    if (busy.current) return
    const errors = checkOrder(contents)
    if (hasErrors(errors)) {
      setState({ step: 'faulty', fault: ++faults.current, errors })
      return
    }

    busy.current = true
    setState({ step: 'sending' })
    attempt.current = attemptFor(contents, attempt.current)
    const result = await sendOrder(attempt.current, contents).catch(() => ({ state: 'unanswered' as const }))

    if (result.state === 'accepted') {
      // Still busy: the page is left, and the button must not send again meanwhile.
      keepReceipt(result.orderId, { ...receipt, email: contents.email.trim() })
      router.push(`/orders/${result.orderId}`)
      return
    }
    busy.current = false
    if (result.state !== 'refused') {
      setState({ step: result.state })
      return
    }
    attempt.current = undefined
    setState({
      step: 'faulty',
      fault: ++faults.current,
      errors: problemErrors(result.problem),
      title: titleOf(result.problem),
    })
  }

  /** Takes back what was said of a field, now that it was changed. */
  const forget = (field: 'items' | 'email' | 'card') =>
    setState(current => {
      if (current.step !== 'faulty') return current
      const errors = withoutField(current.errors, field)
      return hasErrors(errors) ? { ...current, errors } : { step: 'filling' }
    })

  return { state, send, forget }
}

const titleOf = ({ title, detail }: { title: string; detail?: string }) =>
  detail ? `${title}: ${detail}` : title
