'use client'

import { useLayoutEffect, useRef } from 'react'
import { cardBrand } from './card-brand.ts'
import { caretIn, countDigits, groupCard } from './card-format.ts'

interface CardFieldProps {
  value: string
  onChange: (grouped: string) => void
  onBlur: () => void
  invalid: boolean
  /** For the form, to focus it. */
  inputRef: (input: HTMLInputElement | null) => void
}

/** A card number, grouped while it is typed. It has no `name`, so that no form submission can carry it. */
export function CardField({ value, onChange, onBlur, invalid, inputRef }: CardFieldProps) {
  const input = useRef<HTMLInputElement>(null)
  const caret = useRef<number>(undefined)
  const brand = cardBrand(value)

  // React puts the cursor at the end of a value that was rewritten; this returns it to the digit being typed.
  useLayoutEffect(() => {
    if (caret.current !== undefined) input.current?.setSelectionRange(caret.current, caret.current)
    caret.current = undefined
  })

  return (
    <div className="relative">
      <input
        ref={element => {
          input.current = element
          inputRef(element)
        }}
        id="card"
        type="text"
        inputMode="numeric"
        autoComplete="cc-number"
        dir="ltr"
        className="field pe-20 tabular-nums rtl:ps-20 rtl:pe-4 rtl:text-end"
        placeholder="0000 0000 0000 0000"
        aria-invalid={invalid}
        aria-describedby={invalid ? 'card-error' : 'card-brand'}
        value={value}
        onBlur={onBlur}
        onChange={event => {
          const { value: typed, selectionStart } = event.target
          const grouped = groupCard(typed)
          caret.current = caretIn(grouped, countDigits(typed.slice(0, selectionStart ?? typed.length)))
          onChange(grouped)
        }}
      />
      <span
        id="card-brand"
        lang="en"
        className="pointer-events-none absolute inset-y-0 end-3 flex items-center text-xs font-semibold text-cocoa"
      >
        {brand}
      </span>
    </div>
  )
}
