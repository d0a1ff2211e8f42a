import { OrderAccepted } from 'kafka-restaurants-contracts'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { connection } from 'next/server'
import { getTranslations } from 'next-intl/server'
import { Texts } from '../../../i18n/texts.tsx'
import { OrderPage } from '../../../track/order-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('order')
  return { title: t('title'), robots: { index: false } }
}

export default async function Page({ params }: { params: Promise<{ orderId: string }> }) {
  const { orderId } = await params
  if (!OrderAccepted.shape.orderId.safeParse(orderId).success) notFound()

  // INBOX_URL belongs to the place that runs the site, not to the build.
  await connection()
  return (
    <Texts of={['order', 'status', 'site']}>
      <OrderPage key={orderId} orderId={orderId} inboxUrl={process.env.INBOX_URL || undefined} />
    </Texts>
  )
}
