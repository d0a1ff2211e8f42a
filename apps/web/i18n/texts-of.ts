import type { Locale } from 'kafka-restaurants-contracts'
import { createTranslator } from 'next-intl'
import en from './messages/en.json' with { type: 'json' }
import he from './messages/he.json' with { type: 'json' }

/** The texts of a language, by their whole keys, for who is no component of the site: journeys find by them what they press. */
export const textsOf = (locale: Locale) => createTranslator({ locale, messages: { en, he }[locale] })
