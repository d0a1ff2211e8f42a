import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'

/** Of every page of the desk. */
export async function deskMetadata(): Promise<Metadata> {
  const t = await getTranslations('ops')
  return { title: t('heading'), robots: { index: false, follow: false } }
}
