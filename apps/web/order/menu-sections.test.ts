import { expect, test } from 'vitest'
import { sectionsOf } from './menu-sections.ts'

const dish = (id: string, section?: string) => ({
  ...{ id, name: id, description: '', vegetarian: false, priceCents: 100 },
  ...(section && { section }),
})

test('sections stand in the order of their first dishes, and keep the order of the menu', () => {
  const menu = [dish('soup', 'Starters'), dish('pizza', 'Mains'), dish('salad', 'Starters'), dish('bread')]
  expect(sectionsOf(menu).map(({ name, dishes }) => `${name}: ${dishes.map(({ id }) => id)}`)).toEqual([
    'Starters: soup,salad',
    'Mains: pizza',
    ': bread',
  ])
  expect(sectionsOf([])).toEqual([])
})
