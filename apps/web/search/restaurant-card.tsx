import type { SearchHit } from 'kafka-restaurants-contracts'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { DietTags } from '../parts/diet-tags.tsx'
import type { Picture } from '../parts/food.ts'
import { FoodBanner } from '../parts/food-banner.tsx'

interface RestaurantCardProps {
  restaurant: SearchHit
  picture: Picture
  /** Whether it is seen before anybody scrolls. */
  first: boolean
}

export function RestaurantCard({ restaurant, picture, first }: RestaurantCardProps) {
  const t = useTranslations('search')
  const dishes = foundDishes(restaurant)
  return (
    <li className="panel group relative flex flex-col overflow-hidden transition-shadow hover:shadow-lg hover:shadow-ink/10 has-focus-visible:outline-3 has-focus-visible:outline-brick">
      <FoodBanner picture={picture} first={first} className="h-32 w-full" />
      <div className="flex flex-1 flex-col gap-3 p-5">
        <h2 className="text-lg font-bold tracking-tight">
          <Link
            href={`/restaurants/${encodeURIComponent(restaurant.id)}`}
            prefetch={false}
            className="group-hover:text-brick outline-none after:absolute after:inset-0 after:rounded-2xl"
          >
            <bdi>{restaurant.name}</bdi>
          </Link>
        </h2>
        <p className="flex-1 text-cocoa">
          <bdi>{restaurant.description}</bdi>
        </p>
        {dishes.length > 0 && (
          <p className="text-sm">
            <span className="text-cocoa">{t('onTheMenu')}</span>
            <bdi className="font-semibold">{dishes.slice(0, 3).join(', ')}</bdi>
            {dishes.length > 3 && <span className="text-cocoa">{t('andMore')}</span>}
          </p>
        )}
        <DietTags {...restaurant} />
      </div>
    </li>
  )
}

/** The dishes that it was found by. */
export const foundDishes = ({ matches = [] }: SearchHit) =>
  matches.filter(({ field }) => field === 'dish').map(({ text }) => text)
