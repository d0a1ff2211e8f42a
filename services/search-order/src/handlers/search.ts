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
  (catalogue: () => Catalogue): RequestHandler =>
  (request, response) => {
    const restaurant = findRestaurant(catalogue(), String(request.params.id))
    if (!restaurant) throw unknownRestaurant()
    response.json({ ...restaurant, currency: catalogue().currency })
  }

/** That a restaurant is not in the catalogue, and how to find those that are. */
export const unknownRestaurant = () =>
  new HttpProblem(404, 'Unknown restaurant', {
    detail: 'No restaurant has this id or name; GET /search lists those there are.',
    errors: [{ field: 'restaurant', message: 'is not in the catalogue' }],
  })
