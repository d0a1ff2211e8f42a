'use client'

import { useLayoutEffect, useRef } from 'react'
import { caretIn, countDigits, groupCard } from './card-format.ts'

interface CardFieldProps {
  value: string
  onChange: (grouped: string) => void
  invalid: boolean
}

/** A card number, grouped while it is typed. It has no `name`, so that no form submission can carry it. */
export function CardField({ value, onChange, invalid }: CardFieldProps) {
  const input = useRef<HTMLInputElement>(null)
  const caret = useRef<number>(undefined)

  // React puts the cursor at the end of a value that was rewritten; this returns it to the digit being typed.
  useLayoutEffect(() => {
    if (caret.current !== undefined) input.current?.setSelectionRange(caret.current, caret.current)
    caret.current = undefined
  })

  return (
    <input
      ref={input}
      id="card"
      type="text"
      inputMode="numeric"
      autoComplete="cc-number"
      className="field tabular-nums"
      placeholder="0000 0000 0000 0000"
      aria-invalid={invalid}
      aria-describedby={invalid ? 'card-error' : undefined}
      value={value}
      onChange={event => {
        const { value: typed, selectionStart } = event.target
        const grouped = groupCard(typed)
        caret.current = caretIn(grouped, countDigits(typed.slice(0, selectionStart ?? typed.length)))
        onChange(grouped)
      }}
    />
  )
}
