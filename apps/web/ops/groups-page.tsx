import type { DeadLetterAct, DeadLetterGroups } from 'kafka-restaurants-contracts'
import Link from 'next/link'
import { useLocale, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Notice } from '../parts/notice.tsx'
import { DeskPage, linkLook, Moment, Reason } from './parts.tsx'

const mostActs = 20

interface GroupsPageProps {
  open: DeadLetterGroups
  /** Of which alone groups are shown; of all unless given. */
  topic: string | undefined
  acts: DeadLetterAct[]
}

/** What is open, by topic and reason, and what was done last. */
export function GroupsPage({ open, topic, acts }: GroupsPageProps) {
  const t = useTranslations('ops')
  const { topics, groups, left } = open
  const shown = topics.filter(each => topic === undefined || each.topic === topic)
  const total = shown.reduce((sum, each) => sum + each.open, 0)
  return (
    <DeskPage>
      <h1 className="text-3xl font-extrabold tracking-tight">{t('heading')}</h1>
      <p className="mt-2 max-w-2xl text-cocoa">{t('intro')}</p>
      <Topics topics={topics.filter(each => each.open > 0)} chosen={topic} />
      {groups.length === 0 ? (
        <Notice level={2} heading={t('nothing.heading')} text={t('nothing.text')} />
      ) : (
        <section aria-labelledby="groups" className="mt-6">
          <div className="flex flex-wrap items-baseline justify-between gap-x-4">
            <h2 id="groups" className="text-xl font-bold tracking-tight">
              {t('groups')}
            </h2>
            <p className="text-sm text-cocoa tabular-nums">{t('total', { count: total })}</p>
          </div>
          <ul className="mt-3 space-y-3">
            {groups.map(group => (
              <GroupRow key={group.id} group={group} />
            ))}
          </ul>
          {left.groups > 0 && <p className="mt-3 text-sm text-cocoa">{t('moreGroups', left)}</p>}
        </section>
      )}
      {topics
        .filter(({ unread }) => unread > 0)
        .map(({ topic, unread }) => (
          <p key={topic} className="mt-3 text-sm text-cocoa">
            {t('unread', { topic, count: unread })}
          </p>
        ))}
      <p className="mt-4">
        <a href={placeOf(topic)} className={linkLook}>
          {t('lookAgain')}
        </a>
      </p>
      <Acts acts={acts.slice(0, mostActs)} />
    </DeskPage>
  )
}

const placeOf = (topic: string | undefined) =>
  topic === undefined ? '/ops' : `/ops?topic=${encodeURIComponent(topic)}`

/** One topic or all, where there is more than one: the largest groups may be all of one of them. */
function Topics({ topics, chosen }: { topics: DeadLetterGroups['topics']; chosen: string | undefined }) {
  const t = useTranslations('ops')
  const locale = useLocale()
  if (topics.length < 2 && chosen === undefined) return null
  const link = (topic: string | undefined, text: ReactNode) => (
    <li key={topic ?? ''}>
      <Link
        href={placeOf(topic)}
        prefetch={false}
        aria-current={topic === chosen ? 'page' : undefined}
        className={`${linkLook} aria-[current]:underline`}
      >
        {text}
      </Link>
    </li>
  )
  return (
    <nav aria-label={t('byTopic')} className="mt-4">
      <ul className="flex flex-wrap gap-x-5">
        {link(undefined, t('all'))}
        {topics.map(({ topic, open }) =>
          link(
            topic,
            <>
              <span dir="ltr" className="font-mono text-sm wrap-anywhere">
                {topic}
              </span>
              <span className="ms-1.5 text-sm font-normal text-cocoa tabular-nums">
                {open.toLocaleString(locale)}
              </span>
            </>,
          ),
        )}
      </ul>
    </nav>
  )
}

function GroupRow({
  group: { id, topic, reason, count, oldestAt },
}: {
  group: DeadLetterGroups['groups'][number]
}) {
  const locale = useLocale()
  return (
    <li>
      <Link
        href={`/ops/groups/${id}`}
        prefetch={false}
        className="panel flex min-h-11 items-start gap-4 p-4 transition-colors hover:border-brick"
      >
        <span className="min-w-8 text-end text-2xl font-bold tabular-nums">
          {count.toLocaleString(locale)}
        </span>
        <span className="min-w-0 flex-1">
          <span className="block font-semibold wrap-anywhere">
            <Reason text={reason} />
          </span>
          <span className="mt-1 flex flex-wrap gap-x-3 text-sm text-cocoa">
            <span dir="ltr" className="font-mono wrap-anywhere">
              {topic}
            </span>
            <Moment at={oldestAt} since />
          </span>
        </span>
      </Link>
    </li>
  )
}

function Acts({ acts }: { acts: DeadLetterAct[] }) {
  const t = useTranslations('ops')
  if (acts.length === 0) return null
  return (
    <section aria-labelledby="acts" className="mt-10">
      <h2 id="acts" className="text-xl font-bold tracking-tight">
        {t('acts')}
      </h2>
      <p className="mt-1 text-sm text-cocoa">{t('actsText')}</p>
      <ul className="mt-3 space-y-3 text-sm">
        {acts.map(({ id, act, by, at, topic, reason, letter, done, refused }) => (
          <li key={id} className="border-t border-crust pt-3">
            <p className="flex flex-wrap justify-between gap-x-4">
              <span className="font-semibold">{t(`acted.${act}`, { by, done })}</span>
              <Moment at={at} />
            </p>
            <p className="text-cocoa">
              <span dir="ltr" className="font-mono wrap-anywhere">
                {letter ?? topic}
              </span>
              {reason !== undefined && (
                <>
                  {' · '}
                  <Reason text={reason} />
                </>
              )}
            </p>
            {refused.map(({ why, count }) => (
              <p key={why} className="text-cocoa">
                {t('outcome.refused', { count })} · <Reason text={why} />
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  )
}
