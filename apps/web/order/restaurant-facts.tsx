import type { Restaurant } from 'kafka-restaurants-contracts'

type Facts = Pick<Restaurant, 'address' | 'openingHours' | 'priceLevel'>

/** Where a restaurant is, when it is open and how dear it is, as far as the catalogue says. */
export function RestaurantFacts({
  restaurant: { address, openingHours = [], priceLevel },
}: {
  restaurant: Facts
}) {
  const facts = [
    ['Address', address],
    ['Open', openingHours.join(' · ')],
    ['Prices', priceLevel && priceWords[priceLevel - 1]],
  ] as const
  const known = facts.filter(([, fact]) => fact)
  if (known.length === 0) return null
  return (
    <dl className="mb-8 flex flex-wrap gap-x-8 gap-y-2 text-sm">
      {known.map(([term, fact]) => (
        <div key={term}>
          <dt className="text-cocoa">{term}</dt>
          <dd className="font-semibold break-words">{fact}</dd>
        </div>
      ))}
    </dl>
  )
}

const priceWords = ['cheap', 'moderate', 'dear', 'very dear']
