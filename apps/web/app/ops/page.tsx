import { lastActs, openGroups, staff } from '../../ops/desk.ts'
import { GroupsPage } from '../../ops/groups-page.tsx'
import { deskMetadata } from '../../ops/metadata.ts'
import { NotThere } from '../../ops/parts.tsx'

export const generateMetadata = deskMetadata

interface PageProps {
  searchParams: Promise<{ topic?: string | string[] }>
}

export default async function Page({ searchParams }: PageProps) {
  await staff()
  const [topic] = [(await searchParams).topic].flat()
  const [answer, acts] = await Promise.all([openGroups(topic), lastActs()])
  if (answer.state !== 'ready') return <NotThere what="away" />
  return <GroupsPage open={answer.data} topic={topic} acts={acts} />
}
