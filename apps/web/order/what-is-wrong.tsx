import type { FieldErrors as FormErrors } from 'react-hook-form'
import type { OrderFields } from './order-fields.ts'

/** What each field is called, in the order in which they stand. */
const names: Readonly<Record<keyof OrderFields, string>> = {
  fulfilment: 'Delivery or pick-up',
  name: 'Name',
  phone: 'Phone',
  street: 'Street and number',
  postalCode: 'Postal code',
  city: 'City',
  extra: 'Floor, door',
  wantedAt: 'When',
  note: 'Note to the kitchen',
  email: 'Email',
  tipPercent: 'Tip',
  card: 'Card number',
  expiry: 'Expires',
}

/** All that is wrong in one place, said by screen readers at once, each with the way to its field. */
export function WhatIsWrong({ errors }: { errors: FormErrors<OrderFields> }) {
  const wrong = (Object.keys(names) as (keyof OrderFields)[]).filter(name => errors[name])
  if (wrong.length === 0) return null
  return (
    <div role="alert" className="rounded-xl border border-alarm p-4 text-sm">
      <p className="font-semibold text-alarm">
        {wrong.length === 1 ? 'One field needs another look:' : `${wrong.length} fields need another look:`}
      </p>
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
              {names[name]}
            </a>
          </li>
        ))}
      </ul>
    </div>
  )
}
