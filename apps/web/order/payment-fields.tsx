import { useTranslations } from 'next-intl'
import { type Control, Controller, type UseFormSetValue } from 'react-hook-form'
import { CardField } from './card-field.tsx'
import { withSlash } from './expiry.ts'
import { Field } from './field.tsx'
import type { OrderFields } from './order-fields.ts'
import { TestCards } from './test-cards.tsx'

interface PaymentFieldsProps {
  control: Control<OrderFields>
  setValue: UseFormSetValue<OrderFields>
}

/** The card. Its number leaves the page sealed, and when it expires not at all: the demo's bank does not ask. */
export function PaymentFields({ control, setValue }: PaymentFieldsProps) {
  const t = useTranslations('checkout')
  return (
    <>
      <Controller
        control={control}
        name="card"
        render={({ field: { value, onChange, onBlur, ref }, fieldState: { error } }) => (
          <Field id="card" label={t('fields.card')} error={error}>
            <CardField
              value={value}
              onChange={onChange}
              onBlur={onBlur}
              inputRef={ref}
              invalid={error !== undefined}
            />
          </Field>
        )}
      />
      <Controller
        control={control}
        name="expiry"
        render={({ field: { value, onChange, onBlur, ref }, fieldState: { error } }) => (
          <Field id="expiry" label={t('fields.expiry')} error={error}>
            <input
              ref={ref}
              id="expiry"
              type="text"
              inputMode="numeric"
              autoComplete="cc-exp"
              dir="ltr"
              className="field max-w-32 tabular-nums rtl:text-end"
              placeholder="MM/YY"
              maxLength={9}
              aria-invalid={error !== undefined}
              aria-describedby={error && 'expiry-error'}
              value={value}
              onBlur={onBlur}
              onChange={event => onChange(withSlash(event.target.value, value))}
            />
          </Field>
        )}
      />
      <TestCards
        onChoose={(card, expiry) => {
          const changed = { shouldDirty: true, shouldValidate: true }
          setValue('card', card, changed)
          setValue('expiry', expiry, changed)
        }}
      />
    </>
  )
}
