import type { KitchenDetails } from 'kafka-restaurants-contracts'
import { when } from '../track/when.ts'

/** For whom a ticket is, where it goes and when, and what its diner asks for. Of orders of old nothing is known. */
export function ForWhom({ ticket }: { ticket: KitchenDetails }) {
  const { name, phone, fulfilment, address, wanted_at, note } = ticket
  const place = address && [
    address.street,
    address.extra,
    `${address.postal_code ?? ''} ${address.city}`.trim(),
  ]
  const who = [fulfilment && ways[fulfilment], name].filter(Boolean).join(' · ')
  if (!who && !phone && !wanted_at && !note) return null
  return (
    <div className="space-y-1 border-t border-crust pt-3 text-sm break-words">
      {note && <p className="rounded-lg bg-saffron/25 px-3 py-2 text-base font-semibold">{note}</p>}
      {wanted_at && <p className="font-semibold">Wanted for {when(wanted_at)}</p>}
      {who && <p className="font-semibold">{who}</p>}
      {place && <p>{place.filter(Boolean).join(', ')}</p>}
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

const ways = { delivery: 'Delivery', pickup: 'Pick-up' }
