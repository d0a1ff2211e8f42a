import type { Locale } from 'kafka-restaurants-contracts'
import { cookies, headers } from 'next/headers'
import { getRequestConfig } from 'next-intl/server'
import { chooseLocale } from './choose-locale.ts'
import { localeCookie } from './languages.ts'
import en from './messages/en.json'
import he from './messages/he.json'

// A key that the catalogues don't have does not compile.
declare module 'next-intl' {
  interface AppConfig {
    Locale: Locale
    Messages: typeof en
  }
}

const messages: Readonly<Record<Locale, typeof en>> = { en, he }

/** What next-intl asks for each answer. */
export default getRequestConfig(async () => {
  const chosen = (await cookies()).get(localeCookie)?.value
  const acceptLanguage = (await headers()).get('accept-language')
  const locale = chooseLocale({ chosen, acceptLanguage })
  return { locale, messages: messages[locale] }
})
