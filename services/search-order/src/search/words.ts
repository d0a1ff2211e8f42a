import { asRead, type Match, type Restaurant } from 'kafka-restaurants-contracts'

/** The words of a text as people read them; an apostrophe or a Hebrew acronym's mark does not part a word. */
export const wordsOf = (text: string): string[] =>
  asRead(text)
    .replaceAll("'", '')
    .replaceAll('"', '')
    .match(/[\p{L}\p{N}\p{M}]+/gu) ?? []

/** Behind every word that begins with these letters, and before all others: it is in no word. */
export const endOf = (beginning: string) => `${beginning}\uffff`

/** What a restaurant is found by. */
export const textsOf = ({ name, style, menu }: Pick<Restaurant, 'name' | 'style' | 'menu'>): Match[] => [
  { field: 'name', text: name },
  { field: 'style', text: style },
  ...menu.map((dish): Match => ({ field: 'dish', text: dish.name })),
]

/** Why a restaurant fits these words: as few of its texts as have them all, as far as one can tell by taking the best first. */
export function matchesOf(restaurant: Restaurant, wanted: readonly string[]): Match[] {
  const texts = textsOf(restaurant).map(match => ({ match, words: wordsOf(match.text) }))
  const matches: Match[] = []
  let left = wanted
  while (left.length > 0) {
    const rests = texts.map(({ words }) => left.filter(word => !words.some(other => other.startsWith(word))))
    const fewest = Math.min(...rests.map(rest => rest.length))
    const best = rests.findIndex(rest => rest.length === fewest)
    const match = texts[best]?.match
    if (!match || fewest === left.length) break
    matches.push(match)
    left = rests[best] ?? []
  }
  return matches
}
