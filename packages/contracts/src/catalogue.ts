import { z } from 'zod'

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens')

export const Dish = z.object({
  id: slug,
  name: z.string().min(1),
  description: z.string().default(''),
  vegetarian: z.boolean().default(false),
  priceCents: z.int().positive().max(1_000_000),
})
export type Dish = z.infer<typeof Dish>

/** A restaurant with its menu, as in the catalogue file and at `GET /restaurants/:id`. */
export const Restaurant = z
  .object({
    id: slug,
    name: z.string().min(1).max(200),
    style: z.string().min(1),
    vegetarian: z.boolean(),
    delivery: z.boolean(),
    description: z.string().default(''),
    menu: z.array(Dish).min(1),
  })
  .meta({
    examples: [
      {
        id: 'olive-and-thyme',
        name: 'Olive & Thyme',
        style: 'Israeli',
        vegetarian: true,
        delivery: true,
        description: 'Slow-cooked chickpeas and warm bread.',
        menu: [
          {
            id: 'masabacha',
            name: 'Masabacha',
            description: 'Warm chickpeas',
            vegetarian: true,
            priceCents: 1250,
          },
        ],
      },
    ],
  })
export type Restaurant = z.infer<typeof Restaurant>

/** A search hit: the restaurant without its menu. */
export const RestaurantSummary = Restaurant.omit({ menu: true }).meta({
  examples: [
    {
      id: 'olive-and-thyme',
      name: 'Olive & Thyme',
      style: 'Israeli',
      vegetarian: true,
      delivery: true,
      description: 'Slow-cooked chickpeas and warm bread.',
    },
  ],
})
export type RestaurantSummary = z.infer<typeof RestaurantSummary>

/** The catalogue file: ids and names are each used once. */
export const Catalogue = z
  .object({
    currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR'),
    restaurants: z.array(Restaurant).min(1),
  })
  .superRefine(({ restaurants }, context) => {
    for (const field of ['id', 'name'] as const) {
      const seen = new Set<string>()
      restaurants.forEach((restaurant, index) => {
        const value = restaurant[field].toLowerCase()
        if (seen.has(value)) {
          context.addIssue({
            code: 'custom',
            path: ['restaurants', index, field],
            message: `"${restaurant[field]}" is used twice`,
          })
        }
        seen.add(value)
      })
    }
  })
export type Catalogue = z.infer<typeof Catalogue>

/** `GET /search`: every filter is optional, and those given must all hold. */
export const SearchQuery = z.object({
  restaurant_name: z.string().max(200).optional().meta({ description: 'part of the name, in any case' }),
  restaurant_style: z.string().max(200).optional().meta({ description: 'the style, in any case' }),
  vegetarian: z
    .enum(['true', 'false', ''])
    .optional()
    .meta({ description: '`true` keeps the vegetarian ones' }),
  delivery: z.enum(['true', 'false', '']).optional().meta({ description: '`true` keeps those that deliver' }),
})
export type SearchQuery = z.infer<typeof SearchQuery>
