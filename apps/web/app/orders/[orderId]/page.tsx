import { OrderAccepted } from 'kafka-restaurants-contracts'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { connection } from 'next/server'
import { OrderPage } from '../../../track/order-page.tsx'

export const metadata: Metadata = { title: 'Your order', robots: { index: false } }

export default async function Page({ params }: { params: Promise<{ orderId: string }> }) {
  const { orderId } = await params
  if (!OrderAccepted.shape.orderId.safeParse(orderId).success) notFound()

  // INBOX_URL belongs to the place that runs the site, not to the build.
  await connection()
  return <OrderPage key={orderId} orderId={orderId} inboxUrl={process.env.INBOX_URL || undefined} />
}
