import type { Metadata, Viewport } from 'next'
import Link from 'next/link'
import { connection } from 'next/server'
import { getLocale, getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { languages } from '../i18n/languages.ts'
import { ErrorTextsProvider } from '../parts/error-texts.tsx'
import { LanguageSwitch } from '../parts/language-switch.tsx'
import { Logo } from '../parts/logo.tsx'
import { PageTurn } from '../parts/page-turn.tsx'
import { inter } from './font.ts'
import './globals.css'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('site')
  return {
    title: { default: 'Kafka Restaurants', template: '%s · Kafka Restaurants' },
    description: t('description'),
  }
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fdf8f0' },
    { media: '(prefers-color-scheme: dark)', color: '#1a1310' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Every page bears a nonce of its own (proxy.ts), and so none can be made before it is asked for.
  await connection()
  const [locale, t] = await Promise.all([getLocale(), getTranslations()])
  return (
    <html lang={locale} dir={languages[locale].dir} className={inter.variable}>
      <body className="flex min-h-dvh flex-col font-sans antialiased">
        <a
          href="#content"
          className="button sr-only focus-visible:not-sr-only focus-visible:m-2 focus-visible:px-6"
        >
          {t('site.skip')}
        </a>
        <PageTurn />
        <header className="border-b border-crust bg-cream">
          <div className="mx-auto flex max-w-6xl flex-wrap items-center justify-between gap-x-4 px-4 py-2.5 sm:px-6">
            <Link
              href="/"
              prefetch={false}
              className="flex min-h-11 items-center gap-3 rounded-lg text-lg font-bold tracking-tight"
            >
              <Logo />
              Kafka Restaurants
            </Link>
            <Link
              href="/orders"
              prefetch={false}
              className="flex min-h-11 items-center rounded-lg text-sm font-semibold text-brick underline-offset-4 hover:underline"
            >
              {t('site.yourOrders')}
            </Link>
          </div>
        </header>
        <main id="content" tabIndex={-1} className="flex-1">
          <ErrorTextsProvider
            texts={{ heading: t('error.heading'), text: t('error.text'), tryAgain: t('site.tryAgain') }}
          >
            {children}
          </ErrorTextsProvider>
        </main>
        <footer className="mt-16 border-t border-crust bg-linen">
          <div className="mx-auto flex max-w-6xl flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-6 text-sm text-cocoa sm:px-6">
            <p>{t('site.promise')}</p>
            <Link
              href="/how-it-works"
              prefetch={false}
              className="inline-flex min-h-11 items-center rounded-lg font-semibold text-brick underline-offset-4 hover:underline"
            >
              {t('site.howItWorks')}
            </Link>
            <LanguageSwitch />
          </div>
        </footer>
      </body>
    </html>
  )
}
