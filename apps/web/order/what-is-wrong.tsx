import { useTranslations } from 'next-intl'
import type { FieldErrors as FormErrors } from 'react-hook-form'
import type { OrderFields } from './order-fields.ts'

/** In the order in which they stand. */
const all = [
  'fulfilment',
  'name',
  'phone',
  'street',
  'postalCode',
  'city',
  'extra',
  'wantedAt',
  'note',
  'email',
  'tipPercent',
  'card',
  'expiry',
] as const satisfies (keyof OrderFields)[]

/** All that is wrong in one place, said by screen readers at once, each with the way to its field. */
export function WhatIsWrong({ errors }: { errors: FormErrors<OrderFields> }) {
  const t = useTranslations('checkout')
  const wrong = all.filter(name => errors[name])
  if (wrong.length === 0) return null
  return (
    <div role="alert" className="rounded-xl border border-alarm p-4 text-sm">
      <p className="font-semibold text-alarm">{t('wrong', { count: wrong.length })}</p>
      <ul className="mt-1 flex flex-wrap gap-x-4">
        {wrong.map(name => (
          <li key={name}>
            <a
              href={`#${name}`}
              className="inline-flex min-h-8 items-center underline"
              onClick={event => {
                event.preventDefault()
                document.getElementById(name)?.focus()
              }}
            >
              {t(`fields.${name}`)}
            </a>
          </li>
        ))}
      </ul>
    </div>
  )
}
