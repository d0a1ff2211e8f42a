import type { Locale } from 'kafka-restaurants-contracts'
import type { Messages } from 'next-intl'

/**
 * What a restaurant's page needs of the catalogue's part `restaurant` in the browser before anything is chosen. It is sent
 * as texts with gaps, so that the page's first load has neither a catalogue nor what reads one.
 */
export const textKeys = [
  'menu',
  'noMenu',
  'vegetarian',
  'popular',
  'contains',
  'quantityOf',
  'removeOne',
  'addOne',
  'inTheOrder',
  'choose',
  'addFor',
  'exactly',
  'upTo',
  'fromTo',
  'oneDish',
  'twoDishes',
  'dishes',
  'toTheOrder',
  'readyIn',
  'yourOrder',
  'nothingChosen',
  'mealOfTheDay',
  'oneMoment',
] as const

const names = ['allergens', 'dish', 'what', 'price', 'number', 'least', 'most', 'minutes'] as const
type Value = (typeof names)[number]

/** What stands where each value comes. */
export const gaps = Object.fromEntries(names.map(name => [name, `{${name}}`])) as Record<Value, string>

/** The texts of a restaurant's page by their keys, and in which language. */
export type PageTexts = Readonly<Record<(typeof textKeys)[number], string>> & {
  locale: Locale
  /** What the form needs, which brings what reads a catalogue. */
  checkout: Messages['checkout']
}

/** Made by the server. */
export function pageTexts(
  t: (key: (typeof textKeys)[number], values: typeof gaps) => string,
  locale: Locale,
) {
  const made = textKeys.map(key => [key, t(key, gaps)] as const)
  return { ...(Object.fromEntries(made) as Record<(typeof textKeys)[number], string>), locale }
}

/** A text with its values in place. */
export const fill = (text: string, given: Partial<Record<Value, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (gap, name: Value) => String(given[name] ?? gap))
