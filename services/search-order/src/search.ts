import type { Catalogue, Restaurant, RestaurantSummary, SearchQuery } from 'kafka-restaurants-contracts'

/** The restaurants that fit every given filter, in the catalogue's order. A filter that is empty is not given. */
export function search({ restaurants }: Catalogue, query: SearchQuery): RestaurantSummary[] {
  const name = query.restaurant_name?.trim().toLowerCase()
  const style = query.restaurant_style?.trim().toLowerCase()
  return restaurants
    .filter(
      restaurant =>
        (!name || restaurant.name.toLowerCase().includes(name)) &&
        (!style || restaurant.style.toLowerCase() === style) &&
        (query.vegetarian !== 'true' || restaurant.vegetarian) &&
        (query.delivery !== 'true' || restaurant.delivery),
    )
    .map(({ menu: _, ...summary }) => summary)
}

/** Finds a restaurant by its id, or by its name in any case. */
export function findRestaurant({ restaurants }: Catalogue, idOrName: string): Restaurant | undefined {
  const wanted = idOrName.trim().toLowerCase()
  return restaurants.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted)
}
