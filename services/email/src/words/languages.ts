import type { Locale } from 'kafka-restaurants-contracts'
import { en } from './en.ts'
import { he } from './he.ts'
import type { Words } from './words.ts'

const all: Record<Locale, Words> = { en, he }

/** The words of a language; English unless given. */
export const wordsOf = (locale: Locale | undefined): Words => all[locale ?? 'en']
