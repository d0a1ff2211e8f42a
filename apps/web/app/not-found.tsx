import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { Notice } from '../parts/notice.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('notFound')
  return { title: t('title') }
}

export default async function NotFound() {
  const t = await getTranslations()
  return (
    <Notice heading={t('notFound.heading')} text={t('notFound.text')}>
      <Link href="/" className="button">
        {t('site.allRestaurants')}
      </Link>
    </Notice>
  )
}
