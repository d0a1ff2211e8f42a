import type { Metadata, Viewport } from 'next'
import Link from 'next/link'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { Logo } from '../parts/logo.tsx'
import { PageTurn } from '../parts/page-turn.tsx'
import { inter } from './font.ts'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Kafka Restaurants', template: '%s · Kafka Restaurants' },
  description: 'Find a restaurant, order your dishes, and get your confirmation by mail.',
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
  return (
    <html lang="en" className={inter.variable}>
      <body className="flex min-h-dvh flex-col font-sans antialiased">
        <a
          href="#content"
          className="button sr-only focus-visible:not-sr-only focus-visible:m-2 focus-visible:px-6"
        >
          Skip to the content
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
              Your orders
            </Link>
          </div>
        </header>
        <main id="content" tabIndex={-1} className="flex-1">
          {children}
        </main>
        <footer className="mt-16 border-t border-crust bg-linen">
          <p className="mx-auto max-w-6xl px-4 py-6 text-sm text-cocoa sm:px-6">
            Card numbers are sealed, so that only the bank can read them. Every order goes through Kafka, and
            is charged once.{' '}
            <Link
              href="/how-it-works"
              prefetch={false}
              className="inline-flex min-h-11 items-center font-semibold text-brick underline"
            >
              How it works
            </Link>
          </p>
        </footer>
      </body>
    </html>
  )
}
