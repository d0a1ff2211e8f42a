import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepFields, keptFields } from './kept-fields.ts'
import type { OrderFields } from './order-fields.ts'

const stored = new Map<string, string>()
beforeEach(() => {
  stored.clear()
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, text: string) => stored.set(name, text),
    removeItem: (name: string) => stored.delete(name),
  })
})
afterEach(() => vi.unstubAllGlobals())

const soon = new Date(Date.now() + 3_600_000).toISOString()
const filled: OrderFields = {
  name: 'Dana Cohen',
  phone: '+49 30 1234567',
  email: 'diner@example.com',
  fulfilment: 'delivery',
  street: 'Olive Street 5',
  city: 'Berlin',
  postalCode: '10115',
  extra: '2nd floor',
  wantedAt: soon,
  note: 'Ring twice',
  tipPercent: '10',
  card: '4242 4242 4242 4242',
  expiry: '12/29',
}

test('what is filled in is found again, without the card', () => {
  keepFields('fig', filled)
  expect(keptFields('fig', { delivery: true })).toEqual({ ...filled, card: '', expiry: '' })
  expect([...stored.values()].join()).not.toMatch(/4242|12\/29/)
})

test('who orders is the same at another restaurant; what is wished is not', () => {
  keepFields('fig', filled)
  const { name, phone, street, note, wantedAt, tipPercent } = keptFields('wok', { delivery: true })
  expect([name, phone, street]).toEqual(['Dana Cohen', '+49 30 1234567', 'Olive Street 5'])
  expect([note, wantedAt, tipPercent]).toEqual(['', '', '0'])
})

test('where nothing is brought it is picked up, and a time that is over is none', () => {
  keepFields('fig', { ...filled, wantedAt: '2020-01-01T12:00:00Z' })
  expect(keptFields('fig', { delivery: false })).toMatchObject({ fulfilment: 'pickup', wantedAt: '' })
  expect(keptFields('new', { delivery: true })).toMatchObject({ fulfilment: 'delivery', note: '' })
})
