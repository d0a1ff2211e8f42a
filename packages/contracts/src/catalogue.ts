import { z } from 'zod'
import { openingHoursFault } from './opening-hours.ts'
import { Total } from './orders.ts'
import { asRead } from './text.ts'

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens')

const choice = z.object({
  id: slug,
  name: z.string().min(1).max(100),
  priceCents: z.int().min(0).max(1_000_000).default(0).meta({ description: 'what it costs more' }),
})

/** What a diner decides of a dish, such as its size: so many of the choices at least, and so many at most. */
export const DishOption = z
  .object({
    name: z.string().min(1).max(100),
    least: z.int().min(0).max(20).default(0),
    most: z.int().min(1).max(20).default(1),
    choices: z.array(choice).min(1).max(30),
  })
  .superRefine(({ least, most, choices }, context) => {
    if (least <= most && most <= choices.length) return
    const message = `must be from ${Math.min(least, choices.length)}, as least, to ${choices.length}, as there are so many choices`
    context.addIssue({ code: 'custom', path: ['most'], message })
  })
export type DishOption = z.infer<typeof DishOption>

export const Dish = z.object({
  id: slug,
  name: z.string().min(1),
  description: z.string().default(''),
  vegetarian: z.boolean().default(false),
  priceCents: z.int().positive().max(1_000_000),
  section: z.string().min(1).max(100).optional().meta({
    description: 'the heading that it is under; sections stand in the order of their first dishes',
  }),
  allergens: z.array(z.string().min(1).max(100)).max(30).optional(),
  options: z.array(DishOption).max(10).optional().meta({
    description: 'no two choices of a dish have the same id',
  }),
})
export type Dish = z.infer<typeof Dish>

const openingHours = z.string().superRefine((text, context) => {
  const fault = openingHoursFault(text)
  if (fault) context.addIssue({ code: 'custom', message: fault })
})

/** A restaurant with its menu, as at `GET /restaurants/:id`. One without a menu has a meal at a flat price. */
export const Restaurant = z
  .object({
    id: slug,
    name: z.string().min(1).max(200),
    style: z.string().min(1),
    vegetarian: z.boolean(),
    delivery: z.boolean(),
    description: z.string().default(''),
    address: z.string().min(1).max(300).optional(),
    currency: Total.shape.currency
      .optional()
      .meta({ description: "of its prices; unless given, the catalogue's" }),
    openingHours: z.array(openingHours).max(30).optional().meta({
      description: 'by its own clock, as schema.org writes them: Mo-Fr 11:00-22:00',
    }),
    priceLevel: z.int().min(1).max(4).optional().meta({ description: 'from 1, cheap, to 4' }),
    menu: z.array(Dish).default([]),
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
            section: 'Warm',
            allergens: ['sesame'],
          },
        ],
        address: 'Olive Street 5, Berlin',
        openingHours: ['Mo-Sa 11:00-22:00', 'Su 12:00-21:00'],
        priceLevel: 2,
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

interface Place {
  text: string
  path: (string | number)[]
}

/** A fault for every place whose text reads like that of another. */
const usedTwice = (places: Place[]) =>
  [...Map.groupBy(places, ({ text }) => asRead(text)).values()]
    .filter(same => same.length > 1)
    .flatMap(same =>
      same.map(({ text, path }) => {
        const others = same.filter(other => other.path !== path).map(other => z.core.toDotPath(other.path))
        return { path, message: `"${text}" is used twice, also by ${others.join(', ')}` }
      }),
    )

/**
 * A restaurant as the catalogue file has it: no two of its dishes have the same id. The first generation's have name,
 * style, vegetarian and delivery alone: their ids are made of their names.
 */
export const CatalogueEntry = Restaurant.extend({ id: slug.optional() })
  .superRefine(({ menu }, context) => {
    const dishes = menu.map(({ id }, at): Place => ({ text: id, path: ['menu', at, 'id'] }))
    const choices = menu.map(({ options = [] }, at) =>
      options.flatMap((option, of) =>
        option.choices.map(
          ({ id }, choice): Place => ({
            text: id,
            path: ['menu', at, 'options', of, 'choices', choice, 'id'],
          }),
        ),
      ),
    )
    for (const fault of [dishes, ...choices].flatMap(usedTwice))
      context.addIssue({ code: 'custom', ...fault })
  })
  .transform(({ id, ...entry }): Restaurant => ({ id: id ?? idFor(entry.name), ...entry }))

/** An id for a restaurant that has none, the same whenever it is read. Of other alphabets it has the letters' codes. */
function idFor(name: string): string {
  const plain = asRead(name)
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()
  const id = [...plain]
    .map(letter => (/[a-z0-9 ]/.test(letter) ? letter : letter.codePointAt(0)?.toString(36)))
    .join('')
  return id.replaceAll(' ', '-') || 'restaurant'
}

/**
 * The catalogue file. A restaurant can be ordered from by its id or by its name, a dish by its id: none of those names
 * two, and no name reads like another restaurant's id.
 */
export const Catalogue = z
  .object({
    currency: Total.shape.currency,
    restaurants: z.array(CatalogueEntry).min(1),
  })
  .superRefine(({ restaurants }, context) => {
    const places = restaurants.flatMap(({ id, name }, index): Place[] => {
      const ofId: Place = { text: id, path: ['restaurants', index, 'id'] }
      return asRead(id) === asRead(name)
        ? [ofId]
        : [ofId, { text: name, path: ['restaurants', index, 'name'] }]
    })
    for (const fault of usedTwice(places)) context.addIssue({ code: 'custom', ...fault })
  })
export type Catalogue = z.infer<typeof Catalogue>

/** So many restaurants are in one answer at most; the rest is on the pages that follow. */
export const mostOnPage = 1_000

const filters = {
  q: z.string().max(200).optional().meta({
    description:
      'words in any order: each must begin a word of the name, of the style or of a dish, as people read them',
  }),
  restaurant_name: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'part of the name, as people read it: in any case, with or without accents' }),
  vegetarian: z
    .enum(['true', 'false', ''])
    .optional()
    .meta({ description: '`true` keeps the vegetarian ones' }),
  delivery: z.enum(['true', 'false', '']).optional().meta({ description: '`true` keeps those that deliver' }),
}

/** `GET /search`: every filter is optional, and those given must all hold. */
export const SearchQuery = z.object({
  ...filters,
  restaurant_style: z.string().max(200).optional().meta({ description: 'the style, compared like the name' }),
  sort: z
    .enum(['catalogue', 'name', ''])
    .optional()
    .meta({ description: "`name`: by the name, as people read it; else in the catalogue's order" }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(mostOnPage)
    .optional()
    .meta({ description: `so many at most on a page; unless given, ${mostOnPage}` }),
  cursor: z
    .string()
    .max(2_000)
    .optional()
    .meta({ description: 'where the page begins: as the `Link` of the page before has it' }),
})
export type SearchQuery = z.infer<typeof SearchQuery>

/** `GET /styles`: counts the restaurants of each style that fit these filters. */
export const StylesQuery = z.object(filters)

/** A style as the catalogue writes it, and how many restaurants have it. */
export const StyleCount = z.object({ style: z.string(), restaurants: z.int() })
export type StyleCount = z.infer<typeof StyleCount>

/** Why a restaurant fits the words that were looked for: a text of it that has one of them, or several. */
export const Match = z.object({ field: z.enum(['name', 'style', 'dish']), text: z.string() })
export type Match = z.infer<typeof Match>

/** What a search finds: with `q`, each says why it fits. */
export const SearchHit = RestaurantSummary.extend({ matches: z.array(Match).optional() })
export type SearchHit = z.infer<typeof SearchHit>
