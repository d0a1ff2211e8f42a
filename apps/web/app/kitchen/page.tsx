import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { Texts } from '../../i18n/texts.tsx'
import { KitchenPage } from '../../kitchen/kitchen-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('kitchen')
  return { title: t('heading'), robots: { index: false, follow: false } }
}

export default async function Page() {
  const t = await getTranslations('kitchen')
  const heading = <h1 className="text-3xl font-extrabold tracking-tight">{t('heading')}</h1>
  return (
    <div className="mx-auto max-w-6xl px-4 py-8 sm:px-6 sm:py-10">
      <Texts of={['kitchen', 'site']}>
        <Suspense fallback={heading}>
          <KitchenPage heading={heading} />
        </Suspense>
      </Texts>
    </div>
  )
}
