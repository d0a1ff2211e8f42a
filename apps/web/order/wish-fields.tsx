import { detailLimits } from 'kafka-restaurants-contracts'
import { useState } from 'react'
import { Choice } from './choice.tsx'
import { Field } from './field.tsx'
import type { FormParts } from './text-field.tsx'
import { timesFor } from './times.ts'

/** When it is wanted, and what the kitchen should know. */
export function WishFields({ form, hours }: { form: FormParts; hours: readonly string[] }) {
  const { register, errors } = form
  const [days] = useState(() => timesFor(hours, new Date()))
  const [wantedAt, note] = [errors.wantedAt?.message, errors.note?.message]
  return (
    <>
      <Field id="wantedAt" label="When" error={wantedAt}>
        <select
          id="wantedAt"
          className="field"
          aria-invalid={wantedAt !== undefined}
          aria-describedby={wantedAt && 'wantedAt-error'}
          {...register('wantedAt')}
        >
          <option value="">As soon as possible</option>
          {days.map(({ name, times }) => (
            <optgroup key={name} label={name}>
              {times.map(({ value, text }) => (
                <option key={value} value={value}>
                  {name}, {text}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </Field>
      <Field id="note" label="Note to the kitchen" hint="(optional)" error={note}>
        <textarea
          id="note"
          rows={2}
          className="field h-auto min-h-13 resize-y"
          maxLength={detailLimits.note}
          placeholder="Vegetarian, no onions, ring twice…"
          aria-invalid={note !== undefined}
          aria-describedby={note && 'note-error'}
          {...register('note')}
        />
      </Field>
    </>
  )
}

const tips = [
  { value: '0', text: 'None' },
  { value: '5', text: '5%' },
  { value: '10', text: '10%' },
  { value: '15', text: '15%' },
]

export const TipField = ({ form: { register, errors } }: { form: FormParts }) => (
  <Choice legend="Tip" options={tips} radio={register('tipPercent')} error={errors.tipPercent?.message} />
)
