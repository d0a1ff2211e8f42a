import type { Restaurant } from 'kafka-restaurants-contracts'
import { useLocale, useTranslations } from 'next-intl'
import { hoursInWords } from './hours-in-words.ts'

type Facts = Pick<Restaurant, 'address' | 'openingHours' | 'priceLevel'>

/** Where a restaurant is, when it is open and how dear it is, as far as the catalogue says. */
export function RestaurantFacts({
  restaurant: { address, openingHours = [], priceLevel },
}: {
  restaurant: Facts
}) {
  const t = useTranslations('restaurant.facts')
  const locale = useLocale()
  const facts = [
    [t('address'), address],
    [t('open'), openingHours.map(hours => hoursInWords(hours, locale)).join(' · ')],
    [t('prices'), priceLevel && t(`priceLevels.${levels[priceLevel - 1] ?? 4}`)],
  ] as const
  const known = facts.filter(([, fact]) => fact)
  if (known.length === 0) return null
  return (
    <dl className="mb-8 flex flex-wrap gap-x-8 gap-y-2 text-sm">
      {known.map(([term, fact]) => (
        <div key={term}>
          <dt className="text-cocoa">{term}</dt>
          <dd className="font-semibold break-words">
            <bdi>{fact}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** From cheap to very dear. */
const levels = [1, 2, 3, 4] as const
