import {
  asRead,
  type Catalogue,
  type Restaurant,
  type SearchQuery,
  type StyleCount,
} from 'kafka-restaurants-contracts'
import { PackedTexts } from './growing.ts'
import { gatherLists, inAll, type Lists, onceEach } from './lists.ts'
import { gatherParts } from './names.ts'
import { endOf, textsOf, wordsOf } from './words.ts'

type Filters = Pick<SearchQuery, 'q' | 'restaurant_name' | 'restaurant_style' | 'vegetarian' | 'delivery'>

/** A catalogue, ready to be searched. Restaurants have numbers from 0, in the catalogue's order. */
export interface CatalogueIndex {
  currency: Catalogue['currency']
  size: number
  /** Finds a restaurant by its id, else by its name, both as people read them. */
  find: (idOrName: string) => Restaurant | undefined
  numberOf: (idOrName: string) => number | undefined
  /** Its JSON without its menu, and that of its menu alone; joined by a comma between braces, they are all of it. */
  json: (number: number) => { summary: Buffer; menu: Buffer }
  restaurant: (number: number) => Restaurant
  /** Without reading its menu, which is most of it. */
  idOf: (number: number) => string
  /** Its name, as people read it. */
  nameOf: (number: number) => string
  /** The numbers of those that fit every filter that is given, in ascending order. One that is empty is not given. */
  matching: (filters: Filters) => Uint32Array
  /** The styles in order of their names, with how many have them of those that fit. */
  styles: (filters: Filters) => StyleCount[]
  /** In order of the names: which restaurant has which place. */
  byName: Uint32Array
  /** At which place each is in that order. */
  placeByName: Uint32Array
  /** So many have a name that comes before or is the same, as people read them. */
  placeAfterName: (name: string) => number
}

/** That an id or a name is that of another restaurant already. */
export interface UsedTwice {
  field: 'id' | 'name'
  /** The number of the other one. */
  by: number
}

/** Gathers an index, restaurant by restaurant, in the catalogue's order. */
export function gatherCatalogue({ bytes = 64 * 1024 } = {}) {
  /** Of each restaurant two: without its menu, and the menu. */
  const json = new PackedTexts(bytes)
  const names = new PackedTexts(bytes / 16)
  const numbers = new Map<string, number>()
  const parts = gatherParts(names)
  const words = gatherLists<string>()
  const traits = gatherLists<string>()
  const styles = new Map<string, string>()
  let size = 0

  return {
    /** @returns that it was not added, and why, where another one has its id or its name */
    add(restaurant: Restaurant): UsedTwice | undefined {
      const { menu, ...summary } = restaurant
      const { id, vegetarian, delivery } = restaurant
      const [name, style] = [asRead(restaurant.name), asRead(restaurant.style)]
      for (const [field, key] of [
        ['id', id],
        ['name', name],
      ] as const) {
        const by = numbers.get(key)
        if (by !== undefined) return { field, by }
      }
      numbers.set(id, size).set(name, size)
      json.push(JSON.stringify(summary).slice(1, -1))
      json.push(`"menu":${JSON.stringify(menu)}`)
      names.push(name)
      parts.add()
      for (const { text } of textsOf(restaurant)) for (const word of wordsOf(text)) words.add(word, size)
      traits.add(styleKey(style), size)
      if (!styles.has(style)) styles.set(style, restaurant.style)
      if (vegetarian) traits.add('vegetarian', size)
      if (delivery) traits.add('delivery', size)
      size++
      return undefined
    },
    index: (currency: Catalogue['currency']) =>
      ready({
        currency,
        json,
        names,
        numbers,
        part: parts.finder(),
        words: words.lists(),
        traits: traits.lists(),
        styles: [...styles].sort(([a], [b]) => (a < b ? -1 : 1)),
      }),
  }
}

interface Gathered {
  currency: Catalogue['currency']
  json: PackedTexts
  names: PackedTexts
  numbers: ReadonlyMap<string, number>
  part: (part: string) => Uint32Array
  words: Lists<string>
  traits: Lists<string>
  /** As they are compared, and as they are written. */
  styles: readonly (readonly [key: string, style: string])[]
}

/** Holds on to nothing that was needed for gathering alone. */
function ready(gathered: Gathered): CatalogueIndex {
  const { currency, json, names, numbers, traits, styles } = gathered
  const size = names.count
  const byName = inOrderOfNames(names)
  const placeByName = new Uint32Array(size)
  byName.forEach((number, place) => {
    placeByName[number] = place
  })
  const all = Uint32Array.from({ length: size }, (_, number) => number)
  const index: CatalogueIndex = {
    currency,
    size,
    byName,
    placeByName,
    numberOf: idOrName => numbers.get(asRead(idOrName)),
    find: idOrName => {
      const number = index.numberOf(idOrName)
      return number === undefined ? undefined : index.restaurant(number)
    },
    json: number => ({ summary: json.get(2 * number), menu: json.get(2 * number + 1) }),
    // It was checked before it was added.
    restaurant: number => JSON.parse(`{${json.get(2 * number)},${json.get(2 * number + 1)}}`),
    idOf: number => JSON.parse(`{${json.get(2 * number)}}`).id,
    nameOf: number => names.get(number).toString(),
    matching: filters => {
      const lists = listsFor(filters, gathered)
      return lists.length === 0 ? all : inAll(lists)
    },
    styles: filters => {
      const fitting = index.matching(filters)
      return styles.map(([key, style]) => {
        const having = traits.of(styleKey(key))
        return { style, restaurants: fitting === all ? having.length : inAll([having, fitting]).length }
      })
    },
    placeAfterName: name => {
      let [low, high] = [0, size]
      while (low < high) {
        const middle = (low + high) >>> 1
        if (index.nameOf(byName[middle] ?? 0) <= name) low = middle + 1
        else high = middle
      }
      return low
    },
  }
  return index
}

const styleKey = (style: string) => `style ${style}`

/** The numbers that fit each filter that is given. */
function listsFor(filters: Filters, { names, part, words, traits }: Gathered): Uint32Array[] {
  const lists: Uint32Array[] = []
  const style = asRead(filters.restaurant_style ?? '')
  if (style) lists.push(traits.of(styleKey(style)))
  for (const trait of ['vegetarian', 'delivery'] as const) {
    if (filters[trait] === 'true') lists.push(traits.of(trait))
  }
  for (const word of new Set(wordsOf(filters.q ?? ''))) {
    const { numbers, keys } = words.between(word, endOf(word))
    lists.push(keys === 1 ? numbers : onceEach(numbers, names.count))
  }
  const name = asRead(filters.restaurant_name ?? '')
  if (name) lists.push(part(name))
  return lists
}

function inOrderOfNames(names: PackedTexts): Uint32Array {
  const texts = Array.from({ length: names.count }, (_, number) => names.get(number).toString())
  return Uint32Array.from(texts.keys()).sort((a, b) => ((texts[a] ?? '') < (texts[b] ?? '') ? -1 : 1))
}

/** A catalogue that is there as a whole, ready to be searched. */
export function indexOf({ currency, restaurants }: Catalogue): CatalogueIndex {
  const gathered = gatherCatalogue()
  for (const restaurant of restaurants) gathered.add(restaurant)
  return gathered.index(currency)
}
