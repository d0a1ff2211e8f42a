import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { deadLetter, lastActs, staff } from '../../../../ops/desk.ts'
import { LetterPage } from '../../../../ops/letter-page.tsx'
import { DeskPage, NotThere, Outcome } from '../../../../ops/parts.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('ops')
  return { title: t('heading'), robots: { index: false, follow: false } }
}

interface PageProps {
  params: Promise<{ id: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export default async function Page({ params, searchParams }: PageProps) {
  await staff()
  const [{ id }, query] = await Promise.all([params, searchParams])
  const text = (name: string) => [query[name]].flat()[0]
  const [answer, acts] = await Promise.all([deadLetter(written(id)), lastActs()])
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

/** As people write it, in place of how the address does. */
function written(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
