import { expect, test } from 'vitest'
import { caretIn, groupCard, lastFour } from './card-format.ts'

test('a card number is shown in groups of four while it is typed', () => {
  expect(groupCard('4242')).toBe('4242')
  expect(groupCard('42424')).toBe('4242 4')
  expect(groupCard('4242424242424242')).toBe('4242 4242 4242 4242')
})

test('pasted separators and letters are dropped', () => {
  expect(groupCard(' 4242-4242 4242x4242 ')).toBe('4242 4242 4242 4242')
})

test('digits of full width, as Japanese keyboards have them, are digits', () => {
  expect(groupCard('４２４２４')).toBe('4242 4')
})

test('no card has more than 19 digits', () => {
  expect(groupCard('1'.repeat(25)).replaceAll(' ', '')).toHaveLength(19)
})

test('the cursor stays behind the digit that was typed', () => {
  expect(caretIn('4242 4', 5)).toBe(6)
  expect(caretIn('4242 4242', 4)).toBe(4)
  expect(caretIn('4242', 0)).toBe(0)
  expect(caretIn('42', 9)).toBe(2)
})

test('the last four digits are told apart from the rest', () => {
  expect(lastFour('4242 4242 4242 4111')).toBe('4111')
})
