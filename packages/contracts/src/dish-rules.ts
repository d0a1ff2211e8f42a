import type { Dish } from './catalogue.ts'

/** A dish as it is told of an order, with what was chosen of it by name. */
export const dishInWords = ({ name, choices = [] }: { name: string; choices?: string[] | undefined }) =>
  choices.length > 0 ? `${name} (${choices.join(', ')})` : name

/** The choices of a dish that have one of these ids, in the menu's order. */
export const chosenOf = ({ options = [] }: Dish, chosen: readonly string[]) =>
  options.flatMap(({ choices }) => choices).filter(({ id }) => chosen.includes(id))

/** What a dish costs with these of its choices, in the currency's smallest unit. */
export const priceWith = (dish: Dish, chosen: readonly string[]): number =>
  chosenOf(dish, chosen).reduce((sum, { priceCents }) => sum + priceCents, dish.priceCents)

/** What is wrong with the ids that were chosen of a dish, in words: unknown, twice, too few or too many of an option. */
export function choicesFaults({ options = [] }: Dish, chosen: readonly string[]): string[] {
  const known = new Set(options.flatMap(({ choices }) => choices.map(({ id }) => id)))
  const unknown = chosen.filter(id => !known.has(id))
  if (unknown.length > 0) return [`there is no choice ${unknown.map(id => `"${id}"`).join(', ')}`]
  if (new Set(chosen).size < chosen.length) return ['a choice is there twice']
  return options.flatMap(({ name, least, most, choices }) => {
    const count = choices.filter(({ id }) => chosen.includes(id)).length
    if (count >= least && count <= most) return []
    const ids = choices.map(({ id }) => id).join(', ')
    return [`choose ${least === most ? least : `${least} to ${most}`} of "${name}": ${ids}`]
  })
}
