import type { Locale } from 'kafka-restaurants-contracts'

/** Each language by its own name, and which way it is read. */
export const languages: Readonly<Record<Locale, { name: string; dir: 'ltr' | 'rtl' }>> = {
  en: { name: 'English', dir: 'ltr' },
  he: { name: 'עברית', dir: 'rtl' },
}

/** Those that a visitor can have; the first one is for who asks for none of them. A language is added here once every page has it. */
export const offered: readonly [Locale, ...Locale[]] = ['en', 'he']

/** Where a visitor's own choice is kept. */
export const localeCookie = 'locale'
