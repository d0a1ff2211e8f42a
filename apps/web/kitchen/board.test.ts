import type { QueuedResource, Ticket } from 'kafka-restaurants-contracts'
import { expect, test } from 'vitest'
import { asPressed, kitchensOf, withLines, withTickets } from './board.ts'

const at = (minute: number) => `2026-11-21T12:${String(minute).padStart(2, '0')}:00.000Z`
const cooking = (orderId: string, minute: number, restaurant = 'Olive'): Ticket => ({
  orderId,
  restaurant,
  items: [],
  state: 'cooking',
  cookingAt: at(minute),
})
const ready = (orderId: string, minute: number, restaurant = 'Olive'): Ticket => ({
  ...cooking(orderId, 0, restaurant),
  state: 'ready',
  readyAt: at(minute),
})
const line = (resourceId: string, running: string[], queued: string[]): QueuedResource => ({
  resourceId,
  limits: { semaphoreLimit: 2, queueLimit: null, leaseMs: null },
  running: running.map((id, fence) => ({ id, fence, startedAt: at(0) })),
  queued: queued.map((id, index) => ({ id, place: index + 1, requestedAt: at(0) })),
})
const ticketsOf = (...tickets: Ticket[]) => withTickets(new Map(), tickets, true)
const linesOf = (...lines: QueuedResource[]) => withLines(new Map(), lines, true)
const ids = (tickets: Ticket[]) => tickets.map(({ orderId }) => orderId).join('')

test('each restaurant has what cooks, oldest first, what is ready, newest first, and who waits', () => {
  const tickets = ticketsOf(
    cooking('b', 2),
    cooking('a', 1),
    ready('c', 3),
    ready('d', 4),
    cooking('e', 1, 'Fig'),
  )
  const [fig, olive, ...others] = kitchensOf(
    tickets,
    linesOf(line('Olive', ['a', 'b'], ['f', 'g'])),
    undefined,
    'en',
  )
  expect(others).toEqual([])
  expect([fig?.restaurant, fig?.places, fig?.waiting]).toEqual(['Fig', undefined, []])
  expect(olive).toMatchObject({ restaurant: 'Olive', places: 2 })
  expect([ids(olive?.cooking ?? []), ids(olive?.ready ?? [])]).toEqual(['ab', 'dc'])
  expect(olive?.waiting.map(({ id, place }) => `${place} ${id}`)).toEqual(['1 f', '2 g'])
})

test('one restaurant alone is shown where it is named', () => {
  const tickets = ticketsOf(cooking('a', 1), cooking('b', 1, 'Fig'))
  expect(kitchensOf(tickets, new Map(), 'Fig', 'en').map(({ restaurant }) => restaurant)).toEqual(['Fig'])
  expect(kitchensOf(tickets, new Map(), 'Thyme', 'en')).toEqual([])
})

test('names are sorted as their readers do: their own letters first', () => {
  const tickets = ticketsOf(cooking('a', 1, 'Zest'), cooking('b', 1, 'מזנון'), cooking('c', 1, 'Äpfel'))
  const sorted = (locale: 'en' | 'he') =>
    kitchensOf(tickets, new Map(), undefined, locale).map(({ restaurant }) => restaurant)
  expect(sorted('en')).toEqual(['Äpfel', 'Zest', 'מזנון'])
  expect(sorted('he')).toEqual(['מזנון', 'Äpfel', 'Zest'])
})

test('who cooks already does not wait, whichever was told first', () => {
  const [olive] = kitchensOf(
    ticketsOf(cooking('a', 1)),
    linesOf(line('Olive', [], ['a', 'b'])),
    undefined,
    'en',
  )
  expect(olive?.waiting.map(({ id }) => id)).toEqual(['b'])
})

test('changes replace what they are of, and a whole list replaces all', () => {
  const before = ticketsOf(cooking('a', 1), cooking('b', 2))
  const changed = withTickets(before, [ready('a', 3), cooking('c', 3)], false)
  expect([...changed.values()].map(({ orderId, state }) => `${orderId} ${state}`)).toEqual([
    'a ready',
    'b cooking',
    'c cooking',
  ])
  expect([...withTickets(changed, [cooking('c', 3)], true).keys()]).toEqual(['c'])
})

test('of those that are ready the newest are kept', () => {
  const many = Array.from({ length: 59 }, (_, minute) => ready(`r${minute}`, minute))
  const kept = [...ticketsOf(cooking('a', 0), ...many).keys()]
  expect(kept).toHaveLength(51)
  expect(kept).toContain('a')
  expect(kept).not.toContain('r8')
})

test('a line that nobody is in is gone', () => {
  const before = linesOf(line('Olive', ['a'], []), line('Fig', ['b'], ['c']))
  expect([...withLines(before, [line('Olive', [], [])], false).keys()]).toEqual(['Fig'])
})

test('what was pressed counts as ready until it is answered', () => {
  const tickets = ticketsOf(cooking('a', 1), cooking('b', 2), ready('c', 1))
  const pressed = new Map([
    ['a', at(5)],
    ['c', at(9)],
  ])
  const [olive] = kitchensOf(asPressed(tickets, pressed), new Map(), undefined, 'en')
  expect([ids(olive?.cooking ?? []), ids(olive?.ready ?? [])]).toEqual(['b', 'ac'])
  expect(olive?.ready.at(-1)?.readyAt).toBe(at(1))
})
