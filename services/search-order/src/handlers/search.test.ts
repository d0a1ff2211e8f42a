import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { type Catalogue, Problem, SearchHit } from 'kafka-restaurants-contracts'
import { howMany, oddText, withEach } from 'kafka-restaurants-contracts/fuzz'
import { addRoutes, createContext, crossOrigin, startService } from 'kafka-restaurants-service'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { figTree } from '../../tests/fig-tree.ts'
import { catalogueFile } from '../adapters/catalogue-file.ts'
import { answersFrom } from '../answers.ts'
import { indexOf } from '../search/catalogue-index.ts'
import { routes } from './routes.ts'
import { answersDirectly, restaurantHandler, searchHandler, stylesHandler } from './search.ts'

const dish = (name: string) => ({ id: 'a', name, description: '', vegetarian: false, priceCents: 500 })
const luna = {
  ...figTree,
  id: 'luna',
  name: 'Trattoria Luna',
  style: 'Italian',
  menu: [dish('Pizza Margherita')],
}
const zoe = { ...figTree, id: 'zoe', name: 'Café Zoë', style: 'italian', menu: [dish('Pizza Funghi')] }
const friend = 'https://friend.example'

/** The service's search, with what is answered before Express, or by Express alone. */
async function startSearch({ isDirect = true, origins = [] as string[] } = {}) {
  const catalogue = { current: { currency: 'EUR', restaurants: [figTree, luna, zoe] } as Catalogue }
  let answers = answersFrom(indexOf(catalogue.current))
  const current = () => answers
  const headers = crossOrigin(origins)
  const other = () => {}
  const all = routes({
    search: searchHandler(current),
    styles: stylesHandler(current),
    restaurant: restaurantHandler(current),
    paymentKey: other,
    order: other,
  })
  const app = {
    ...(isDirect && { direct: answersDirectly(current, headers) }),
    routes: (http: Parameters<typeof addRoutes>[0]) => {
      http.use(headers)
      addRoutes(http, all)
    },
  }
  const config = { PORT: 0, METRICS_PORT: 0, HOST: '127.0.0.1', LOG_LEVEL: 'silent' }
  const service = await startService(app, config, createContext('test', 'silent'))
  onTestFinished(() => service.stop())
  return {
    ask: async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`http://127.0.0.1:${service.port}${path}`, init)
      return { status: response.status, headers: response.headers, text: await response.text() }
    },
    change: (restaurants: Catalogue['restaurants']) => {
      answers = answersFrom(indexOf({ currency: 'EUR', restaurants }))
    },
  }
}
const hits = ({ text }: { text: string }) => SearchHit.array().parse(JSON.parse(text))
const withoutDate = ({ headers }: { headers: Headers }) => [...headers].filter(([name]) => name !== 'date')
const names = (answer: { text: string }) => hits(answer).map(({ name }) => name)

describe('a search', () => {
  it('says why a restaurant fits', async () => {
    const { ask } = await startSearch()
    const answer = await ask('/search?q=marg+PIZZA+luna')
    expect(hits(answer).map(({ matches }) => matches)).toEqual([
      [
        { field: 'dish', text: 'Pizza Margherita' },
        { field: 'name', text: 'Trattoria Luna' },
      ],
    ])
    expect(names(await ask('/search?q=zoe'))).toEqual(['Café Zoë'])
    expect(hits(await ask('/search'))[0]).not.toHaveProperty('matches')
    expect(hits(await ask('/search'))[0]).not.toHaveProperty('menu')
  })

  it('tells of a restaurant one currency, its own where it has one', async () => {
    const { ask, change } = await startSearch()
    const told = async () => (await ask('/restaurants/luna')).text.match(/"currency":"[A-Z]+"/g)
    expect(await told()).toEqual(['"currency":"EUR"'])
    change([{ ...luna, currency: 'ILS' }])
    expect(await told()).toEqual(['"currency":"ILS"'])
    change([{ ...luna, description: '"currency":"ILS"' }])
    expect(await told()).toEqual(['"currency":"EUR"'])
  })

  it('goes on where its Link leads, until there is none', async () => {
    const { ask } = await startSearch()
    const seen: string[] = []
    for (let path: string | undefined = '/search?limit=2&delivery=true'; path; ) {
      const answer = await ask(path)
      seen.push(...names(answer))
      expect(answer.headers.get('x-total-count')).toBe('3')
      const [, next] = /^<(\?[^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '') ?? []
      path = next && `/search${next}`
    }
    expect(seen).toEqual(['The Fig Tree', 'Trattoria Luna', 'Café Zoë'])
  })

  it('is sorted by name when asked', async () => {
    const { ask } = await startSearch()
    expect(names(await ask('/search?sort=name'))).toEqual(['Café Zoë', 'The Fig Tree', 'Trattoria Luna'])
  })

  it('counts the styles that the catalogue has', async () => {
    const { ask } = await startSearch()
    const styles = async (path: string) => JSON.parse((await ask(path)).text)
    expect(await styles('/styles')).toEqual([
      { style: 'Israeli', restaurants: 1 },
      { style: 'Italian', restaurants: 2 },
    ])
    expect(await styles('/styles?q=pizza+funghi')).toEqual([
      { style: 'Israeli', restaurants: 0 },
      { style: 'Italian', restaurants: 1 },
    ])
  })

  it.each([
    ['no number', 'limit=x', 422, 'limit'],
    ['none at all', 'limit=0', 422, 'limit'],
    ['too many', 'limit=1001', 422, 'limit'],
    ['an order that there is not', 'sort=price', 422, 'sort'],
    ['words without end', `q=${'x'.repeat(201)}`, 422, 'q'],
    ['a cursor that is none', 'cursor=x', 400, 'cursor'],
    [
      'a cursor of another kind',
      `cursor=${Buffer.from('["catalogue","a",-1]').toString('base64url')}`,
      400,
      'cursor',
    ],
    [
      'a cursor of another order',
      `sort=name&cursor=${Buffer.from('["catalogue","fig",0]').toString('base64url')}`,
      400,
      'cursor',
    ],
  ])('with %s is refused', async (_what, query, status, field) => {
    const { ask } = await startSearch()
    const answer = await ask(`/search?${query}`)
    expect(answer.status).toBe(status)
    expect(Problem.parse(JSON.parse(answer.text)).errors?.map(each => each.field)).toEqual([field])
  })
})

it('any search is answered, or refused with a reason', async () => {
  const { ask } = await startSearch()
  const keys = [
    'q',
    'restaurant_name',
    'restaurant_style',
    'vegetarian',
    'delivery',
    'sort',
    'limit',
    'cursor',
  ]
  const value = fc.oneof(
    oddText.filter(text => text.length < 1_000),
    fc.constantFrom(
      'true',
      'name',
      '1',
      '1e2',
      '0x10',
      ' 7 ',
      Buffer.from('["name","a"]').toString('base64url'),
    ),
  )
  const query = fc.array(fc.tuple(fc.constantFrom(...keys, 'x'), value), { maxLength: 4 })
  await withEach(query, howMany(10_000), async pairs => {
    const { status, text } = await ask(`/search?${new URLSearchParams(pairs)}`)
    if (status === 200) SearchHit.array().parse(JSON.parse(text))
    else expect([400, 422]).toContain(Problem.parse(JSON.parse(text)).status)
  })
}, 60_000)

describe('an answer', () => {
  const paths = [
    '/search',
    '/search?q=pizza&limit=1',
    '/styles',
    '/restaurants/luna',
    '/search?',
    '/search?limit=0',
  ]
  const others = [
    '/restaurants/caf%C3%A9%20zo%C3%AB',
    '/restaurants/nowhere',
    '/Search/',
    '/restaurants/%ff',
    '/nowhere',
  ]

  it.each([...paths, ...others])('to %s is the same from Express, also to HEAD', async path => {
    const [direct, express] = [await startSearch(), await startSearch({ isDirect: false })]
    for (const method of ['GET', 'HEAD', 'POST']) {
      const [one, other] = [await direct.ask(path, { method }), await express.ask(path, { method })]
      expect([one.status, one.text, withoutDate(one)]).toEqual([other.status, other.text, withoutDate(other)])
    }
  })

  it('is not sent again to who has it, until it is another one', async () => {
    const { ask, change } = await startSearch()
    for (const path of ['/search?limit=1', '/restaurants/luna', '/styles']) {
      const { headers } = await ask(path)
      const tag = String(headers.get('etag'))
      for (const tags of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
        const again = await ask(path, { headers: { 'If-None-Match': tags } })
        expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', tag])
        expect(again.headers.get('link')).toBe(headers.get('link'))
      }
      expect((await ask(path, { headers: { 'If-None-Match': '"x"' } })).status).toBe(200)
    }
    const tag = String((await ask('/search?limit=1')).headers.get('etag'))
    change([figTree, luna])
    const changed = await ask('/search?limit=1', { headers: { 'If-None-Match': tag } })
    expect([changed.status, changed.headers.get('x-total-count')]).toEqual([200, '2'])
  })

  it('may be read by pages of other sites that are allowed to, with its page and its count', async () => {
    const { ask } = await startSearch({ origins: [friend] })
    for (const path of ['/search?limit=1', '/search?limit=0']) {
      const { headers } = await ask(path, { headers: { origin: friend } })
      expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([friend, 'Origin'])
      expect(headers.get('access-control-expose-headers')).toMatch(/ETag,Link,.*X-Total-Count/)
    }
    const { headers } = await ask('/search', { headers: { origin: 'https://other.example' } })
    expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([null, 'Origin'])
    expect((await ask('/search')).headers.get('vary')).toBe('Origin')
  })
})

it('a large catalogue is read again while requests go on; a faulty one keeps the old, and names the line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'search-order-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'restaurants.json')
  const large = (count: number, change: object = {}) =>
    JSON.stringify(
      {
        currency: 'EUR',
        restaurants: Array.from({ length: count }, (_, i) => ({
          ...luna,
          id: `r-${i}`,
          name: `Luna ${i}`,
          ...(i === 7 && change),
        })),
      },
      null,
      1,
    )
  writeFileSync(file, large(5_000))
  const lines: string[] = []
  const { log } = createContext('test', 'info', { write: line => void lines.push(line) })
  const catalogue = catalogueFile(file, log, { everyMs: 50 })
  catalogue.watch()
  onTestFinished(() => catalogue.close())
  expect(catalogue.current().index.size).toBe(5_000)
  writeFileSync(file, large(6_000))
  await vi.waitFor(() => expect(catalogue.current().index.size).toBe(6_000), 20_000)
  const wrong = large(7_000, { style: 7 })
  writeFileSync(file, wrong)
  const line = wrong.slice(0, wrong.indexOf('"style": 7')).split('\n').length
  await vi.waitFor(() => expect(lines.join('')).toContain(`line ${line}: restaurants[7].style: `), 20_000)
  expect(catalogue.current().index.size).toBe(6_000)
  expect(catalogue.current().index.find('luna 5999')?.id).toBe('r-5999')
}, 60_000)
