import { OrderAccepted } from 'kafka-restaurants-contracts'
import type { Metadata } from 'next'
import { HowItWorksPage } from '../../how-it-works/how-it-works-page.tsx'
import { Texts } from '../../i18n/texts.tsx'

export const metadata: Metadata = {
  title: 'How it works',
  description: 'The pipeline behind the restaurants, live: each topic, its rate and lag, and your own order.',
}

export default async function Page({
  searchParams,
}: {
  searchParams: Promise<{ order?: string | string[] }>
}) {
  const { order } = await searchParams
  const asked = OrderAccepted.shape.orderId.safeParse(order).data
  return (
    <Texts of={['status']}>
      <HowItWorksPage key={asked} asked={asked} />
    </Texts>
  )
}
