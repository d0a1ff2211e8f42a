import type { ReactNode } from 'react'

interface FieldProps {
  id: string
  label: string
  /** Beside the label: that it may be left out, or how it is written. */
  hint?: string
  error?: string | undefined
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

export function FieldError({ id, error }: { id: string; error?: string | undefined }) {
  if (!error) return null
  return (
    <p id={`${id}-error`} className="mt-1.5 text-sm font-medium text-alarm">
      {error}
    </p>
  )
}
