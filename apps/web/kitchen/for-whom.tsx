import type { KitchenDetails } from 'kafka-restaurants-contracts'
import { useLocale, useTranslations } from 'next-intl'
import { when } from '../track/when.ts'

/** For whom a ticket is, where it goes and when, and what its diner asks for. Of orders of old nothing is known. */
export function ForWhom({ ticket }: { ticket: KitchenDetails }) {
  const t = useTranslations('kitchen')
  const locale = useLocale()
  const { name, phone, fulfilment, address, wanted_at, note } = ticket
  const place = address && [
    address.street,
    address.extra,
    `${address.postal_code ?? ''} ${address.city}`.trim(),
  ]
  if (!fulfilment && !name && !phone && !wanted_at && !note) return null
  return (
    <div className="space-y-1 border-t border-crust pt-3 text-sm break-words">
      {note && (
        <p className="rounded-lg bg-saffron/25 px-3 py-2 text-base font-semibold">
          <bdi>{note}</bdi>
        </p>
      )}
      {wanted_at && <p className="font-semibold">{t('wantedFor', { time: when(wanted_at, locale) })}</p>}
      {(fulfilment || name) && (
        <p className="font-semibold">
          {fulfilment && t(fulfilment)}
          {fulfilment && name && ' · '}
          {name && <bdi>{name}</bdi>}
        </p>
      )}
      {place && (
        <p>
          <bdi>{place.filter(Boolean).join(', ')}</bdi>
        </p>
      )}
      {phone && (
        <p>
          <a
            href={`tel:${phone.replace(/[^\d+]/g, '')}`}
            dir="ltr"
            className="inline-flex min-h-11 min-w-11 items-center underline"
          >
            {phone}
          </a>
        </p>
      )}
    </div>
  )
}
