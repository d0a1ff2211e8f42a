import type { Metadata, Viewport } from 'next'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Logo } from '../parts/logo.tsx'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Kafka Restaurants', template: '%s · Kafka Restaurants' },
  description: 'Find a restaurant, order your dishes, and get your confirmation by mail.',
}

export const viewport: Viewport = { themeColor: '#fdf8f0' }

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body className="flex min-h-dvh flex-col font-sans antialiased">
        <a
          href="#content"
          className="button sr-only focus-visible:not-sr-only focus-visible:absolute focus-visible:m-2 focus-visible:px-6"
        >
          Skip to the content
        </a>
        <header className="border-b border-crust bg-cream">
          <div className="mx-auto flex max-w-6xl items-center justify-between gap-4 px-4 py-4 sm:px-6">
            <Link href="/" className="flex items-center gap-3 rounded-lg text-lg font-bold tracking-tight">
              <Logo />
              Kafka Restaurants
            </Link>
            <Link
              href="/orders"
              className="rounded-lg text-sm font-semibold whitespace-nowrap text-brick underline-offset-4 hover:underline"
            >
              Your orders
            </Link>
          </div>
        </header>
        <main id="content" className="flex-1">
          {children}
        </main>
        <footer className="mt-16 border-t border-crust bg-linen">
          <p className="mx-auto max-w-6xl px-4 py-6 text-sm text-cocoa sm:px-6">
            Card numbers are sealed, so that only the bank can read them. Every order goes through Kafka, and
            is charged once.
          </p>
        </footer>
      </body>
    </html>
  )
}
