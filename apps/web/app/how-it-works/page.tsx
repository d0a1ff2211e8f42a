import { OrderAccepted } from 'kafka-restaurants-contracts'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { HowItWorksPage } from '../../how-it-works/how-it-works-page.tsx'
import { Texts } from '../../i18n/texts.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('howItWorks')
  return { title: t('heading'), description: t('description') }
}

export default async function Page({
  searchParams,
}: {
  searchParams: Promise<{ order?: string | string[] }>
}) {
  const { order } = await searchParams
  const asked = OrderAccepted.shape.orderId.safeParse(order).data
  return (
    <Texts of={['howItWorks', 'status', 'site']}>
      <HowItWorksPage key={asked} asked={asked} />
    </Texts>
  )
}
