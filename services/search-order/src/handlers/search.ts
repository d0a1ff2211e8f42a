import type { RequestHandler } from 'express'
import { type Catalogue, SearchQuery } from 'kafka-restaurants-contracts'
import { HttpProblem, parseRequest } from 'kafka-restaurants-service'
import { findRestaurant, search } from '../search.ts'

/** `GET /search` */
export const searchHandler =
  (catalogue: () => Catalogue): RequestHandler =>
  (request, response) => {
    response.json(search(catalogue(), parseRequest(SearchQuery, request.query, 'Invalid search')))
  }

/** `GET /restaurants/:id`: the restaurant with its menu, and the currency of its prices. */
export const restaurantHandler =
  (catalogue: () => Catalogue): RequestHandler<{ id: string }> =>
  (request, response) => {
    const { currency } = catalogue()
    response.json({ ...restaurantOr404(catalogue(), request.params.id), currency })
  }

/** @throws HttpProblem 404 that says how to find the restaurants there are */
export function restaurantOr404(catalogue: Catalogue, idOrName: string) {
  const restaurant = findRestaurant(catalogue, idOrName)
  if (restaurant) return restaurant
  throw new HttpProblem(404, 'Unknown restaurant', {
    detail: 'No restaurant has this id or name; GET /search lists those there are.',
    errors: [{ field: 'restaurant', message: 'is not in the catalogue' }],
  })
}
