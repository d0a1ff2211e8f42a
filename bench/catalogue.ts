import { oneOf, randomFrom } from '../chaos/random.ts'

const styles =
  'Israeli Italian Chinese Japanese Thai Greek Indian Mexican French Turkish Lebanese Korean Spanish German Georgian Ethiopian'.split(
    ' ',
  )
const kinds =
  'Trattoria|Osteria|Café|Bistro|Taverna|The Kitchen of|Garden of|House of|Corner of|Grill|Bakery|Noodles by|מסעדת|Chez'.split(
    '|',
  )
const places =
  'Harbour Station Market Hill River Gate Square Old-Town Bridge Mill Garden Tower Beach Forest Lane Court'.split(
    ' ',
  )
const dishes =
  'Pizza|Soup|Salad|Curry|Stew|Noodles|Dumplings|Rice|Burger|Kebab|Shakshuka|Hummus|Pasta|Risotto|Tacos|Ramen|Crêpe|Tart|Ice cream|Tea|סלט|מרק'.split(
    '|',
  )
const qualities =
  'Margherita|of the day|with Herbs|Grilled|Smoked|with Lemon|from the Oven|Green|Spicy|Sweet|with Aubergine|with Mushrooms|of the House|with Tahini|Crisp|ירוק'.split(
    '|',
  )
const syllables =
  'ba be bi bo da de di do fa fi ga gi la le li lo ma me mi mo na ne ni no ra re ri ro sa se si so ta te ti to va ve vi vo za ze'.split(
    ' ',
  )

/** A catalogue file as people would write it, of so many restaurants with three to five dishes each, the same for the same seed. */
export function catalogueText(count: number, seed = 1): string {
  const random = randomFrom(seed)
  const one = <T>(of: readonly T[]): T => oneOf(random, of)
  const family = () => {
    const name = Array.from({ length: 2 + Math.floor(random() * 3) }, () => one(syllables)).join('')
    return name[0]?.toUpperCase() + name.slice(1)
  }
  const dish = (number: number) => ({
    id: `dish-${number}`,
    name: `${one(dishes)} ${random() < 0.2 ? family() : one(qualities)}`,
    description: `${one(qualities)}, ${one(qualities)}, as at home in ${family()}`,
    vegetarian: random() < 0.5,
    priceCents: 300 + Math.floor(random() * 2_000),
  })
  const names = new Set<string>()
  const restaurants = Array.from({ length: count }, (_, number) => {
    let name = `${one(kinds)} ${family()}`
    while (names.has(name)) name = `${one(kinds)} ${family()} ${random() < 0.5 ? one(places) : family()}`
    names.add(name)
    return {
      id: `restaurant-${number}`,
      name,
      style: one(styles),
      vegetarian: random() < 0.4,
      delivery: random() < 0.6,
      description: `${one(dishes)} and ${one(dishes)} near the ${one(places)}, by the family ${family()}.`,
      menu: Array.from({ length: 3 + Math.floor(random() * 3) }, (_, at) => dish(at)),
    }
  })
  return JSON.stringify({ currency: 'EUR', restaurants }, null, 2)
}
