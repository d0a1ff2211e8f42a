import type { Dish } from 'kafka-restaurants-contracts'

interface Section {
  /** Empty for dishes under no heading. */
  name: string
  dishes: Dish[]
}

/** The menu by its sections, in the order of their first dishes. */
export const sectionsOf = (menu: readonly Dish[]): Section[] =>
  [...Map.groupBy(menu, ({ section = '' }) => section)].map(([name, dishes]) => ({ name, dishes }))
