import { lastActs, openGroup, staff } from '../../../../ops/desk.ts'
import { GroupPage } from '../../../../ops/group-page.tsx'
import { deskMetadata } from '../../../../ops/metadata.ts'
import { DeskPage, NotThere, Outcome } from '../../../../ops/parts.tsx'

export const generateMetadata = deskMetadata

interface PageProps {
  params: Promise<{ id: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export default async function Page({ params, searchParams }: PageProps) {
  await staff()
  const [{ id }, query] = await Promise.all([params, searchParams])
  const text = (name: string) => [query[name]].flat()[0]
  const [answer, acts] = await Promise.all([openGroup(id, text('after')), lastActs()])
  const outcome = <Outcome done={acts.find(each => each.id === text('act'))} failed={text('failed')} />
  if (answer.state !== 'ready')
    return (
      <DeskPage>
        {outcome}
        <NotThere what={answer.state === 'missing' ? 'gone' : 'away'} />
      </DeskPage>
    )
  return (
    <GroupPage
      list={answer.data}
      ask={text('ask')}
      most={text('most')}
      isFirst={!text('after')}
      outcome={outcome}
    />
  )
}
