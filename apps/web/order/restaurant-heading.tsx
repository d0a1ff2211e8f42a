import { useTranslations } from 'next-intl'
import { AllRestaurants } from '../parts/all-restaurants.tsx'
import { DietTags } from '../parts/diet-tags.tsx'
import { pictureOf } from '../parts/food.ts'
import { FoodBanner } from '../parts/food-banner.tsx'
import type { RestaurantWithCurrency } from './restaurant-with-currency.ts'

export function RestaurantHeading({ restaurant }: { restaurant: RestaurantWithCurrency }) {
  const t = useTranslations('site')
  return (
    <>
      <FoodBanner picture={pictureOf(restaurant)} first whole className="h-28 w-full sm:h-40" />
      <div className="mx-auto max-w-6xl px-4 pt-4 sm:px-6">
        <AllRestaurants className="inline-flex min-h-11 items-center rounded-lg text-sm font-semibold text-brick underline-offset-4 hover:underline">
          {t('allRestaurants')}
        </AllRestaurants>
        <h1 tabIndex={-1} className="mt-2 text-3xl font-extrabold tracking-tight text-balance sm:text-4xl">
          <bdi>{restaurant.name}</bdi>
        </h1>
        {restaurant.description && (
          <p className="mt-2 mb-4 max-w-2xl text-cocoa">
            <bdi>{restaurant.description}</bdi>
          </p>
        )}
        <DietTags {...restaurant} />
      </div>
    </>
  )
}
