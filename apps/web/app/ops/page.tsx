import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { lastActs, openGroups, staff } from '../../ops/desk.ts'
import { GroupsPage } from '../../ops/groups-page.tsx'
import { NotThere } from '../../ops/parts.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('ops')
  return { title: t('heading'), robots: { index: false, follow: false } }
}

export default async function Page() {
  await staff()
  const [answer, acts] = await Promise.all([openGroups(), lastActs()])
  if (answer.state !== 'ready') return <NotThere what="away" />
  return <GroupsPage open={answer.data} acts={acts} />
}
