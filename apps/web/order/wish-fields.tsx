import { detailLimits } from 'kafka-restaurants-contracts'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { Choice } from './choice.tsx'
import { Field } from './field.tsx'
import type { FormParts } from './text-field.tsx'
import { timesFor } from './times.ts'

/** When it is wanted, and what the kitchen should know. */
export function WishFields({ form, hours }: { form: FormParts; hours: readonly string[] }) {
  const { register, errors } = form
  const t = useTranslations('checkout')
  const locale = useLocale()
  const [days] = useState(() => timesFor(hours, new Date(), locale, [t('today'), t('tomorrow')]))
  const { wantedAt, note } = errors
  return (
    <>
      <Field id="wantedAt" label={t('fields.wantedAt')} error={wantedAt}>
        <select
          id="wantedAt"
          className="field"
          aria-invalid={wantedAt !== undefined}
          aria-describedby={wantedAt && 'wantedAt-error'}
          {...register('wantedAt')}
        >
          <option value="">{t('soon')}</option>
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
      <Field id="note" label={t('fields.note')} hint={t('optional')} error={note}>
        <textarea
          id="note"
          rows={2}
          className="field h-auto [unicode-bidi:plaintext] min-h-13 resize-y"
          maxLength={detailLimits.note}
          placeholder={t('noteExample')}
          aria-invalid={note !== undefined}
          aria-describedby={note && 'note-error'}
          {...register('note')}
        />
      </Field>
    </>
  )
}

export function TipField({ form: { register, errors } }: { form: FormParts }) {
  const t = useTranslations('checkout')
  const tips = ['0', '5', '10', '15'].map(value => ({
    value,
    text: value === '0' ? t('noTip') : `${value}%`,
  }))
  return (
    <Choice
      legend={t('fields.tipPercent')}
      options={tips}
      radio={register('tipPercent')}
      error={errors.tipPercent}
    />
  )
}
