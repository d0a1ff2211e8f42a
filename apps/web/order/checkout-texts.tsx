import { NextIntlClientProvider, type useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { usePageTexts } from './use-page-texts.ts'

/** What gives the texts of the catalogue's part `checkout`. */
export type CheckoutTexts = ReturnType<typeof useTranslations<'checkout'>>

/** Gives the form its texts. It comes with the form: the page's first load has no part in it. */
export function CheckoutTextsProvider({ children }: { children: ReactNode }) {
  const { locale, checkout } = usePageTexts()
  return (
    <NextIntlClientProvider locale={locale} messages={{ checkout }}>
      {children}
    </NextIntlClientProvider>
  )
}
