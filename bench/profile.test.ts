import { expect, it } from 'vitest'
import { topCosts } from './profile.ts'

const node = (id: number, functionName: string, url = '', lineNumber = 0) => ({
  id,
  callFrame: { functionName, url, lineNumber },
})
const profile = {
  nodes: [
    node(1, '(idle)'),
    node(2, 'parse', 'file:///home/me/app/node_modules/.pnpm/x@1/node_modules/x/lib/parse.js', 11),
    node(3, 'charge', 'file:///home/me/app/services/bank/src/handlers/charge.ts', 19),
    node(4, '(garbage collector)'),
    node(5, '', 'node:events'),
  ],
  startTime: 1_000,
  samples: [3, 2, 1, 4, 2, 5, 3],
  timeDeltas: [0, 500, 300, 700, 100, 200, 50],
}

it('tells what took most of a stretch of time by itself, idle time left out', () => {
  // From 1500 on: parse 300, idle 700, garbage 100, parse 200, events 50; what comes after 2_800 is not counted.
  expect(topCosts(profile, [1_500, 2_800], 2)).toEqual([
    { what: 'parse x/lib/parse.js:12', share: 500 / 650 },
    { what: '(garbage collector)', share: 100 / 650 },
  ])
})

it('names a function by the file in the repository', () => {
  expect(topCosts(profile, [0, 1_400])).toEqual([
    { what: 'charge services/bank/src/handlers/charge.ts:20', share: 1 },
  ])
})
