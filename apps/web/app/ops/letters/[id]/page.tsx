import { deadLetter, lastActs, staff } from '../../../../ops/desk.ts'
import { LetterPage } from '../../../../ops/letter-page.tsx'
import { deskMetadata } from '../../../../ops/metadata.ts'
import { DeskPage, NotThere, Outcome } from '../../../../ops/parts.tsx'
import { asWritten } from '../../../../parts/as-written.ts'

export const generateMetadata = deskMetadata

interface PageProps {
  params: Promise<{ id: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export default async function Page({ params, searchParams }: PageProps) {
  await staff()
  const [{ id }, query] = await Promise.all([params, searchParams])
  const text = (name: string) => [query[name]].flat()[0]
  const [answer, acts] = await Promise.all([deadLetter(asWritten(id)), lastActs()])
  const outcome = <Outcome done={acts.find(each => each.id === text('act'))} failed={text('failed')} />
  if (answer.state !== 'ready')
    return (
      <DeskPage>
        {outcome}
        <NotThere what={answer.state === 'missing' ? 'missing' : 'away'} />
      </DeskPage>
    )
  return <LetterPage letter={answer.data} outcome={outcome} />
}
