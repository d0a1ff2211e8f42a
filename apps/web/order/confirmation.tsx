'use client'

import Link from 'next/link'
import { type ReactNode, useEffect, useState } from 'react'
import { Notice } from '../parts/notice.tsx'
import { forgetConfirmed } from './order-attempt.ts'
import { findReceipt, type Receipt } from './receipt.ts'

interface ConfirmationProps {
  orderId: string
  /** Where the demo's mails can be read; none where real mail is sent. */
  inboxUrl?: string
}

export function Confirmation({ orderId, inboxUrl }: ConfirmationProps) {
  // Only the browser knows its orders: until it is asked there is nothing to say.
  const [receipt, setReceipt] = useState<Receipt | 'none'>()
  useEffect(() => {
    const found = findReceipt(orderId)
    setReceipt(found ?? 'none')
    if (found) forgetConfirmed(found)
  }, [orderId])

  if (receipt === undefined) {
    return (
      <p role="status" className="mx-auto max-w-xl px-4 py-16 text-cocoa">
        Looking for the order…
      </p>
    )
  }
  if (receipt === 'none') {
    return (
      <Notice
        heading="No such order is known here"
        text="This browser tab has not placed an order with this number. If you ordered elsewhere, your mail has all about it."
      >
        <Link href="/" className="button">
          All restaurants
        </Link>
      </Notice>
    )
  }
  return (
    <section className="mx-auto max-w-xl px-4 py-12 sm:py-16">
      <div className="panel p-6 sm:p-8">
        <Tick />
        <h1 className="mt-5 text-3xl font-extrabold tracking-tight">Your order is in</h1>
        <p className="mt-2 text-cocoa">
          We are charging your card; the mail is on its way to{' '}
          <span className="font-semibold break-words text-ink">{receipt.email}</span>.
        </p>
        <dl className="mt-6 space-y-4 border-t border-crust pt-6">
          <div className="grid gap-4 sm:grid-cols-2">
            <Fact term="Restaurant">{receipt.restaurant}</Fact>
            <Fact term="Total">{receipt.total}</Fact>
          </div>
          <Fact term="Order number">
            <span className="font-mono text-sm break-all">{orderId}</span>
          </Fact>
        </dl>
        <div className="mt-8 flex flex-wrap gap-3">
          {inboxUrl && (
            <a href={inboxLink(inboxUrl, receipt.email)} className="button">
              Open the inbox
            </a>
          )}
          <Link href="/" className="button-quiet">
            All restaurants
          </Link>
        </div>
      </div>
    </section>
  )
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-cocoa">{term}</dt>
      <dd className="font-semibold">{children}</dd>
    </div>
  )
}

function Tick() {
  return (
    <svg viewBox="0 0 48 48" className="size-14" aria-hidden="true">
      <circle cx="24" cy="24" r="24" className="fill-olive" />
      <path
        d="M14 25l7 7 13-15"
        className="fill-none stroke-white"
        strokeWidth="4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

const inboxLink = (inboxUrl: string, email: string) =>
  `${inboxUrl.replace(/\/+$/, '')}/?to=${encodeURIComponent(email)}`
