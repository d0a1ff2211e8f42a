import type { RestaurantSummary } from 'kafka-restaurants-contracts'
import Link from 'next/link'
import { DietTags } from '../parts/diet-tags.tsx'
import { StyleBanner } from '../parts/style-banner.tsx'

export function RestaurantCard({ restaurant }: { restaurant: RestaurantSummary }) {
  return (
    <li className="panel group relative flex flex-col overflow-hidden transition-shadow hover:shadow-lg hover:shadow-ink/10">
      <StyleBanner style={restaurant.style} className="h-28 w-full" />
      <div className="flex flex-1 flex-col gap-3 p-5">
        <h2 className="text-lg font-bold tracking-tight">
          <Link
            href={`/restaurants/${encodeURIComponent(restaurant.id)}`}
            prefetch={false}
            className="group-hover:text-brick after:absolute after:inset-0 after:rounded-2xl"
          >
            {restaurant.name}
          </Link>
        </h2>
        <p className="flex-1 text-cocoa">{restaurant.description}</p>
        <DietTags {...restaurant} />
      </div>
    </li>
  )
}
