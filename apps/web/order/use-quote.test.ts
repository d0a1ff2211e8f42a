import { afterEach, expect, test, vi } from 'vitest'
import { askForQuote } from './use-quote.ts'

const fetched = vi.fn<(path: string, init?: RequestInit) => Promise<Response>>()
const quoteOf = (answer: Response | Promise<Response>) => {
  vi.stubGlobal('fetch', fetched)
  fetched.mockReset().mockReturnValue(Promise.resolve(answer))
  return askForQuote('Olive & Thyme', new AbortController().signal)
}
afterEach(() => void vi.unstubAllGlobals())
const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })

test('a quote is asked for with a bounded wait', async () => {
  expect(await quoteOf(json(200, { restaurant: 'Olive & Thyme', minutes: 25 }))).toBe(25)
  const [path, init] = fetched.mock.calls[0] ?? []
  expect([path, init?.method, init?.body]).toEqual(['/api/quotes', 'POST', '{"restaurant":"Olive & Thyme"}'])
  expect(init?.headers).toMatchObject({ 'content-type': 'application/json', prefer: 'wait=3' })
})

test.each([
  ['the time is up', json(504, { title: 'No answer in time', status: 504 })],
  ['the gateway is away', json(503, { title: 'away', status: 503 })],
  ['there is none', json(404, { title: 'Not found', status: 404 })],
  ['the kitchen refuses', json(422, { title: 'Invalid quote request', status: 422 })],
  ['the answer is none', json(200, { minutes: 'soon' })],
  ['the answer is no JSON', new Response('<html>')],
])('where %s, there is no quote', async (_why, answer) => {
  expect(await quoteOf(answer)).toBeUndefined()
})

test('where nobody is there, there is no quote', async () => {
  expect(await quoteOf(Promise.reject(new TypeError('fetch failed')))).toBeUndefined()
})
