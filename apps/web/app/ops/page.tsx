import { lastActs, openGroups, staff } from '../../ops/desk.ts'
import { GroupsPage } from '../../ops/groups-page.tsx'
import { deskMetadata } from '../../ops/metadata.ts'
import { NotThere } from '../../ops/parts.tsx'

export const generateMetadata = deskMetadata

export default async function Page() {
  await staff()
  const [answer, acts] = await Promise.all([openGroups(), lastActs()])
  if (answer.state !== 'ready') return <NotThere what="away" />
  return <GroupsPage open={answer.data} acts={acts} />
}
