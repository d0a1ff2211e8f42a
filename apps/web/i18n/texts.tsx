import { type Messages, NextIntlClientProvider } from 'next-intl'
import { getLocale, getMessages } from 'next-intl/server'
import type { ReactNode } from 'react'

interface TextsProps {
  /** The parts of the catalogue that are needed in the browser: no other one is sent there. */
  of: (keyof Messages)[]
  children: ReactNode
}

/** Gives the components below texts for `useTranslations`, in the browser too. */
export async function Texts({ of, children }: TextsProps) {
  const [locale, all] = await Promise.all([getLocale(), getMessages()])
  const messages = Object.fromEntries(of.map(part => [part, all[part]])) as Partial<Messages>
  return (
    <NextIntlClientProvider locale={locale} messages={messages}>
      {children}
    </NextIntlClientProvider>
  )
}
