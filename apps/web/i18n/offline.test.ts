import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { Locale } from 'kafka-restaurants-contracts'
import { expect, test } from 'vitest'
import { languages } from './languages.ts'

const fileOf = (path: string) => readFileSync(new URL(`../public${path}`, import.meta.url), 'utf8')

/** What the worker of this address answers while there is no connection, and which files it has kept for that. */
async function withoutConnection(address: string) {
  const listeners = new Map<string, (event: object) => void>()
  const kept: string[] = []
  const self = {
    location: { href: `https://food.test${address}` },
    addEventListener: (name: string, listener: () => void) => listeners.set(name, listener),
    skipWaiting: () => {},
  }
  const caches = {
    open: async () => ({ addAll: (paths: string[]) => kept.push(...paths) }),
    match: async (path: string) => (kept.includes(path) ? fileOf(path) : undefined),
  }
  const fetch = () => Promise.reject(new Error('offline'))
  runInNewContext(fileOf('/sw.js'), { self, caches, fetch, URL })

  let done: unknown
  const waitUntil = (promise: unknown) => {
    done = promise
  }
  listeners.get('install')?.({ waitUntil })
  await done
  const request = { mode: 'navigate', url: 'https://food.test/orders' }
  listeners.get('fetch')?.({ request, respondWith: waitUntil })
  return String(await done)
}

test.each(Locale.options)('without a connection, who reads %s has a page in it', async locale => {
  const page = await withoutConnection(`/sw.js?lang=${locale}`)
  expect(page).toMatch(new RegExp(`<html lang="${locale}"(?: dir="${languages[locale].dir}")?>`))
  expect(/[א-ת]/.test(page)).toBe(locale === 'he')
  expect(page.includes('dir="rtl"')).toBe(languages[locale].dir === 'rtl')
})

test.each(['/sw.js', '/sw.js?lang=fr'])('it is English where the worker is %s', async address => {
  expect(await withoutConnection(address)).toContain('<html lang="en">')
})
