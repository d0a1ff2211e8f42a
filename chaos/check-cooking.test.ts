import { expect, test } from 'vitest'
import type { Evidence } from './check.ts'
import type { cookingRules } from './check-cooking.ts'
import { foundAfter } from './sound-run.ts'

/**
 * What the rules of cooking say after a change to how the orders a, f and r are cooked. What tracking makes of it is no
 * matter here.
 */
function foundAfterMiscooking(miscook: (evidence: Evidence) => void): [keyof typeof cookingRules, string][] {
  const found = foundAfter(
    () => {},
    () => {},
    miscook,
  )
  return found.filter(([rule]) => rule !== 'wrong history' && rule !== 'incomplete history') as never
}

const nth = <Item>(list: Item[], index: number): Item => {
  const item = list[index]
  if (item === undefined) throw new Error(`there is no ${index}`)
  return item
}

test('who was confirmed has one command, and nobody else', () => {
  expect(foundAfterMiscooking(({ commands }) => commands.pop())).toContainEqual([
    'wrong command',
    'Order r was confirmed, and has no command.',
  ])
  expect(
    foundAfterMiscooking(({ commands }) => commands.push({ ...nth(commands, 2), at: 'asked-0@3' })),
  ).toContainEqual(['wrong command', 'Order r has 2 commands: asked-0@2, asked-0@3.'])
  const ofB = { at: 'asked-0@3', resource: 'Fig', id: 'b', writtenAt: 0 }
  expect(foundAfterMiscooking(({ commands }) => commands.push(ofB))).toContainEqual([
    'wrong command',
    'The command b at asked-0@3 is of no confirmed order.',
  ])
})

test('no command is rejected', () => {
  expect(foundAfterMiscooking(({ commands, rejected }) => rejected.push(nth(commands, 0)))).toEqual([
    ['rejected command', 'The command a of Fig was rejected at asked-0@0.'],
  ])
})

test('every command starts once, and nothing else does', () => {
  expect(foundAfterMiscooking(({ starts }) => starts.pop())).toContainEqual([
    'wrong start',
    'The command r of Fig was never started.',
  ])
  expect(
    foundAfterMiscooking(({ starts }) => starts.push({ ...nth(starts, 2), at: 'started-0@3', fence: 9_000 })),
  ).toContainEqual(['wrong start', 'The command r of Fig was started 2 times: started-0@2, started-0@3.'])
  expect(
    foundAfterMiscooking(({ starts }) => Object.assign(nth(starts, 2), { resource: 'Olive' })),
  ).toContainEqual(['wrong start', 'The start of r of Olive at started-0@2 is of no command.'])
})

test('commands start in the order in which they were asked for, of each resource', () => {
  const exchanged = (evidence: Evidence) => {
    const [first, second, third] = evidence.commands
    if (first && second && third) evidence.commands = [second, first, third]
  }
  expect(foundAfterMiscooking(exchanged)).toEqual([
    ['out of line', 'f of Fig was asked for before a, and started after it.'],
  ])
})

test('fences only grow', () => {
  const same = ({ starts, ends }: Evidence) => {
    for (const each of [nth(starts, 1), nth(ends, 1)]) each.fence = 1_000
  }
  expect(foundAfterMiscooking(same)).toEqual([
    ['fence does not grow', 'The fence of Fig goes from 1000 to 1000 at started-0@1.'],
  ])
})

test('a command starts only when a place was given back before, by who had it', () => {
  const third = ['too many at a time', 'r of Fig was started while 2 others had a place.']
  const endedLate = ({ ends }: Evidence) => Object.assign(nth(ends, 0), { writtenAt: 3_001 })
  expect(foundAfterMiscooking(endedLate)).toEqual([third])
  const endedInTime = ({ ends }: Evidence) => Object.assign(nth(ends, 0), { writtenAt: 3_000 })
  expect(foundAfterMiscooking(endedInTime)).toEqual([])
  const endedAgain = ({ ends }: Evidence) => ends.push({ ...nth(ends, 0), at: 'ended-0@3', writtenAt: 3_001 })
  expect(foundAfterMiscooking(endedAgain)).toEqual([])
  const ofOtherStart = ({ ends }: Evidence) => Object.assign(nth(ends, 0), { fence: 999 })
  expect(foundAfterMiscooking(ofOtherStart)).toContainEqual(third)
  const ofOtherResource = ({ ends }: Evidence) => Object.assign(nth(ends, 0), { resource: 'Olive' })
  expect(foundAfterMiscooking(ofOtherResource)).toContainEqual(third)
  expect(foundAfterMiscooking(evidence => Object.assign(evidence, { semaphoreLimit: 1 }))).toHaveLength(4)
})

test('the kitchen cooks no more at a time than there are places', () => {
  const third = ['too many at a time', 'r of Fig was cooked while 2 others were.']
  const slow = ({ tickets }: Evidence) => Object.assign(nth(tickets, 0), { readyAt: 3_101 })
  expect(foundAfterMiscooking(slow)).toEqual([third])
  const inTime = ({ tickets }: Evidence) => Object.assign(nth(tickets, 0), { readyAt: 3_100 })
  expect(foundAfterMiscooking(inTime)).toEqual([])
})

test('what was started is one ticket, ready, of its restaurant, and told of', () => {
  const found = (change: (evidence: Evidence) => void) =>
    foundAfterMiscooking(change).filter(([rule]) => rule === 'wrong ticket')
  const says = (words: string) => ['wrong ticket', words]
  expect(found(({ tickets }) => tickets.pop())).toEqual([
    says('The command r was started, and has no ticket.'),
    says('The record ticket-0@2 tells of a ticket r that the kitchen has not.'),
  ])
  expect(found(({ tickets }) => tickets.push(nth(tickets, 2)))).toEqual([
    says('The command r has 2 tickets.'),
  ])
  expect(found(({ starts }) => starts.pop())).toEqual([
    says('The ticket r is of no command that was started.'),
  ])
  expect(
    found(({ tickets }) => Object.assign(nth(tickets, 2), { state: 'cooking', readyAt: undefined })),
  ).toEqual([says('The ticket r is still cooking.')])
  expect(found(({ tickets }) => Object.assign(nth(tickets, 2), { restaurant: 'Olive' }))).toEqual([
    says('The ticket r is of Olive, which was not told to.'),
  ])
  expect(found(({ ticketRecords }) => ticketRecords.pop())).toEqual([
    says('The ticket r is in no record of kitchen-tickets.'),
  ])
  expect(found(({ ticketRecords }) => ticketRecords.push(nth(ticketRecords, 2)))).toEqual([])
})

test('what was started has ended, and nothing else has', () => {
  expect(foundAfterMiscooking(({ ends }) => ends.pop())).toEqual([
    ['wrong end', 'The command r of Fig was started at started-0@2, and never ended.'],
  ])
  expect(
    foundAfterMiscooking(({ ends }) => ends.push({ ...nth(ends, 2), at: 'ended-0@3', fence: 1 })),
  ).toEqual([['wrong end', 'The end of r of Fig at ended-0@3 is of no start.']])
})

test('no place stays taken, and nobody waits', () => {
  expect(
    foundAfterMiscooking(({ inLine }) => inLine.push({ resource: 'Fig', running: ['a'], queued: ['f'] })),
  ).toEqual([
    ['place stays taken', 'a has a place of Fig when all is drained.'],
    ['place stays taken', 'f waits for Fig when all is drained.'],
  ])
})

test('the command queue was told of every ticket that is ready', () => {
  expect(foundAfterMiscooking(({ untold }) => untold.push('a'))).toEqual([
    ['untold ticket', 'The command queue was not told that a is ready.'],
  ])
})
