import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { outagesOn, watchOutages } from './outages.ts'

test('what begins to wait is told once, and when nothing waits any more', async () => {
  const lines: string[] = []
  const outages = new Map<number, string[]>([[1, []]])
  let asked = 0
  const ask = async (port: number) => {
    asked += 1
    return outages.get(port) ?? []
  }
  const stop = watchOutages({ transaction: 1, email: 2 }, line => lines.push(line), { ask, everyMs: 1 })
  onTestFinished(stop)
  const asksTwice = async () => {
    const until = asked + 4
    await vi.waitFor(() => expect(asked).toBeGreaterThan(until))
  }
  await asksTwice()
  expect(lines).toEqual([])
  outages.set(1, ['order[3] waits after try 1: the bank is away', 'order[4] waits after try 1: …'])
  await asksTwice()
  outages.set(1, ['order[3] waits after try 2: the bank is away'])
  await asksTwice()
  expect(lines).toEqual([
    'transaction works on what it can; order[3] waits after try 1: the bank is away, and 1 more',
  ])
  outages.set(1, [])
  await asksTwice()
  expect(lines.slice(1)).toEqual(['transaction: nothing waits any more'])
})

test('a service says what waits, whether it is ready or not; one that is away says nothing', async () => {
  const server = createServer((_request, response) => {
    response.statusCode = 503
    response.end(JSON.stringify({ status: 'not ready', reasons: ['r'], outages: ['order[3] waits'] }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  expect(await outagesOn(port)).toEqual(['order[3] waits'])
  await new Promise(resolve => server.close(resolve))
  expect(await outagesOn(port)).toEqual([])
})
