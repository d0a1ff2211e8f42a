import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { FieldError as FormError } from 'react-hook-form'
import { apiWords } from './api-words.tsx'

interface FieldProps {
  id: string
  label: string
  /** Beside the label: that it may be left out, or how it is written. */
  hint?: string
  error: FormError | undefined
  children: ReactNode
}

/** A labelled field with its error below it, as `<id>-error` for the input's `aria-describedby`. */
export function Field({ id, label, hint, error, children }: FieldProps) {
  return (
    <div>
      <label htmlFor={id} className="field-label">
        {label} {hint && <span className="font-normal text-cocoa">{hint}</span>}
      </label>
      {children}
      <FieldError id={id} error={error} />
    </div>
  )
}

export function FieldError({ id, error }: { id: string; error: FormError | undefined }) {
  const t = useTranslations('checkout')
  if (!error?.message) return null
  return (
    <p id={`${id}-error`} className="mt-1.5 text-sm font-medium text-alarm">
      {error.type === 'api'
        ? t.rich('refused.field', { field: id, words: error.message, api: apiWords })
        : error.message}
    </p>
  )
}
