'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { CardField } from './card-field.tsx'
import { Field } from './field.tsx'
import type { OrderState } from './use-order.ts'

interface OrderFormProps {
  state: OrderState
  total: string
  onEdit: (field: 'email' | 'card') => void
  onSubmit: (fields: { email: string; card: string }) => void
}

export function OrderForm({ state, total, onEdit, onSubmit }: OrderFormProps) {
  const [email, setEmail] = useState('')
  const [card, setCard] = useState('')
  const form = useRef<HTMLFormElement>(null)
  const sending = state.step === 'sending'
  const errors = state.step === 'faulty' ? state.errors : {}
  const fault = state.step === 'faulty' ? state.fault : undefined

  useEffect(() => {
    if (fault) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [fault])

  function submit(event: FormEvent) {
    event.preventDefault()
    onSubmit({ email, card })
  }

  return (
    <form ref={form} noValidate aria-busy={sending} className="mt-6 space-y-4" onSubmit={submit}>
      <Field id="email" label="Email" error={errors.email}>
        <input
          id="email"
          type="email"
          inputMode="email"
          autoComplete="email"
          className="field"
          placeholder="name@example.com"
          maxLength={254}
          aria-invalid={errors.email !== undefined}
          aria-describedby={errors.email && 'email-error'}
          value={email}
          onChange={event => {
            setEmail(event.target.value)
            onEdit('email')
          }}
        />
      </Field>
      <Field id="card" label="Card number" error={errors.card}>
        <CardField
          value={card}
          onChange={grouped => {
            setCard(grouped)
            onEdit('card')
          }}
          invalid={errors.card !== undefined}
        />
      </Field>
      <Outcome state={state} />
      <button type="submit" className="button w-full" aria-disabled={sending}>
        {sending ? 'Sending the order…' : `Order for ${total}`}
      </button>
    </form>
  )
}

/** What came of the last try, where it is not about one field. */
function Outcome({ state }: { state: OrderState }) {
  if (state.step === 'not-taken' || state.step === 'unanswered') {
    return (
      <div role="alert" className="rounded-xl border border-saffron bg-saffron/15 p-4 text-sm">
        <p className="font-semibold">
          {state.step === 'not-taken' ? 'Your order was not taken' : 'There was no answer to your order'}
        </p>
        <p className="mt-1">Please try again in a moment. The same order is never charged twice.</p>
      </div>
    )
  }
  if (state.step !== 'faulty') return null
  const { title, errors } = state
  return (
    <div role="alert" className="text-sm font-medium text-alarm">
      <p>{title ?? 'Please check the order.'}</p>
      {errors.form?.map(message => (
        <p key={message}>{message}</p>
      ))}
    </div>
  )
}
