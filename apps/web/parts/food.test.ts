import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pictureOf, picturesOf } from './food.ts'

const restaurant = (number: number, style = 'Martian') => ({
  id: `restaurant-${number}`,
  name: `Number ${number}`,
  style,
  description: '',
  vegetarian: false,
})

test('what was looked for is shown before what the restaurant says of itself, and that before its style', () => {
  const trattoria = { ...restaurant(1, 'Italian'), name: 'Trattoria Lanterna' }
  expect(pictureOf({ ...trattoria, dishes: ['Phở Bò'] }).food).toBe('noodles')
  expect(pictureOf(trattoria).food).toBe('pasta')
  expect(['sushi', 'noodles', 'dumplings']).toContain(pictureOf(restaurant(1, 'JAPANESE')).food)
  expect(pictureOf({ ...restaurant(1), name: 'Casa Maíz' }).food).toBe('taco')
})

test('a vegetarian kitchen is not shown with what it says that it has not', () => {
  const kitchen = { ...restaurant(1), description: 'Without meat, fish or steak, but with bread.' }
  expect(pictureOf(kitchen).food).toBe('fish')
  expect(pictureOf({ ...kitchen, vegetarian: true }).food).toBe('bread')
})

test('a restaurant always has the same picture', () => {
  expect(pictureOf(restaurant(7))).toEqual(pictureOf(restaurant(7)))
})

test.each(['Italian', 'Indian', 'Martian'])(
  'no two neighbours are alike, of one style (%s) either',
  style => {
    const pictures = picturesOf(Array.from({ length: 200 }, (_, number) => restaurant(number, style)))
    for (const [at, { food, ground }] of pictures.entries()) {
      for (const other of pictures.slice(Math.max(at - 3, 0), at)) {
        expect(other.food).not.toBe(food)
        expect(other.ground).not.toBe(ground)
      }
    }
  },
)

test('there is a file for each food', () => {
  const shown = picturesOf(Array.from({ length: 200 }, (_, number) => restaurant(number, `Style ${number}`)))
  const foods = new Set(shown.map(({ food }) => food))
  expect(foods.size).toBeGreaterThan(10)
  for (const food of foods) {
    const drawing = readFileSync(new URL(`../public/foods/${food}.svg`, import.meta.url), 'utf8')
    expect(drawing).toMatch(/^<svg [^>]*viewBox/)
    // It may stand in a page, beside others, and under a policy that allows no style without a nonce.
    expect(drawing).not.toMatch(/\s(id|style|class)=|<style|<script/)
  }
})
