import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Texts } from '../../i18n/texts.tsx'
import { OwnOrdersPage } from '../../track/own-orders-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('orders')
  return { title: t('heading'), robots: { index: false } }
}

export default function Page() {
  return (
    <Texts of={['orders']}>
      <OwnOrdersPage />
    </Texts>
  )
}
