import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Away } from '../../parts/away.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('away')
  return { title: t('title'), robots: { index: false } }
}

/** What is shown in place of a page that needs search-order, while that is away. */
export default function Page() {
  return <Away />
}
