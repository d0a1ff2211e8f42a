import type { ComponentProps } from 'react'
import type { FieldError as FormError } from 'react-hook-form'
import { FieldError } from './field.tsx'

interface ChoiceProps {
  legend: string
  options: readonly { value: string; text: string }[]
  /** What the form needs to know of each radio button. */
  radio: ComponentProps<'input'>
  error: FormError | undefined
}

/** A few possibilities side by side, of which one is chosen: native radio buttons that look like one switch. */
export function Choice({ legend, options, radio, error }: ChoiceProps) {
  return (
    <fieldset aria-describedby={error && `${radio.name}-error`}>
      <legend className="field-label">{legend}</legend>
      <div className="grid auto-cols-fr grid-flow-col gap-1 rounded-xl border border-edge bg-cream p-1">
        {options.map(({ value, text }, index) => (
          <label
            key={value}
            className="grid min-h-11 cursor-pointer place-items-center rounded-lg px-2 text-center text-sm font-semibold has-checked:bg-brick has-checked:text-white has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-brick"
          >
            {/* What says that something is wrong leads to the first one. */}
            <input
              type="radio"
              id={index === 0 ? radio.name : undefined}
              value={value}
              className="sr-only"
              {...radio}
            />
            {text}
          </label>
        ))}
      </div>
      <FieldError id={radio.name ?? ''} error={error} />
    </fieldset>
  )
}
