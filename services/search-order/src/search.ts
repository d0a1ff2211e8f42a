import {
  asRead,
  type Catalogue,
  type Restaurant,
  type RestaurantSummary,
  type SearchQuery,
} from 'kafka-restaurants-contracts'

/**
 * The restaurants that fit every given filter, in the catalogue's order. Text is compared as people read it. A filter
 * that is empty is not given.
 */
export function search({ restaurants }: Catalogue, query: SearchQuery): RestaurantSummary[] {
  const name = asRead(query.restaurant_name ?? '')
  const style = asRead(query.restaurant_style ?? '')
  return restaurants
    .filter(
      restaurant =>
        (!name || asRead(restaurant.name).includes(name)) &&
        (!style || asRead(restaurant.style) === style) &&
        (query.vegetarian !== 'true' || restaurant.vegetarian) &&
        (query.delivery !== 'true' || restaurant.delivery),
    )
    .map(({ menu: _, ...summary }) => summary)
}

/** Finds a restaurant by its id, else by its name, both as people read them. */
export function findRestaurant({ restaurants }: Catalogue, idOrName: string): Restaurant | undefined {
  const wanted = asRead(idOrName)
  return (
    restaurants.find(({ id }) => id === wanted) ?? restaurants.find(({ name }) => asRead(name) === wanted)
  )
}
