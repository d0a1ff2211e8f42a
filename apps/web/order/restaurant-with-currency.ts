import { Catalogue, Restaurant } from 'kafka-restaurants-contracts'
import type { z } from 'zod'

export const RestaurantWithCurrency = Restaurant.extend({ currency: Catalogue.shape.currency })
export type RestaurantWithCurrency = z.infer<typeof RestaurantWithCurrency>
