import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getLocale, getMessages, getTranslations } from 'next-intl/server'
import { tracedShare } from '../../../api/click-traces.ts'
import { popularAt } from '../../../api/popular.ts'
import { getRestaurant } from '../../../api/search-order.ts'
import { siteUrl } from '../../../api/site-url.ts'
import { pageTexts } from '../../../order/page-texts.ts'
import { RestaurantFacts } from '../../../order/restaurant-facts.tsx'
import { RestaurantHeading } from '../../../order/restaurant-heading.tsx'
import { RestaurantPage } from '../../../order/restaurant-page.tsx'
import { asWritten } from '../../../parts/as-written.ts'
import { Away } from '../../../parts/away.tsx'

interface PageProps {
  params: Promise<{ id: string }>
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const answer = await getRestaurant(asWritten((await params).id))
  if (answer.state !== 'ready') {
    const t = await getTranslations()
    const title = t(answer.state === 'missing' ? 'noRestaurant.heading' : 'away.title')
    return { title, robots: { index: false } }
  }
  const { id, name, style, description } = answer.data
  const dishes = answer.data.menu.slice(0, 3).map(dish => dish.name)
  const t = await getTranslations('restaurant')
  const onTheMenu = dishes.length > 0 && t('onTheMenu', { dishes: dishes.join(', ') })
  return {
    title: name,
    description: [description, t('kitchen', { style }), onTheMenu].filter(Boolean).join(' '),
    alternates: { canonical: `${await siteUrl()}/restaurants/${id}` },
  }
}

export default async function Page({ params }: PageProps) {
  const { id } = await params
  const answer = await getRestaurant(asWritten(id))
  if (answer.state === 'missing') notFound()
  if (answer.state === 'unreachable') return <Away />
  const { checkout } = await getMessages()
  return (
    <>
      <RestaurantHeading restaurant={answer.data} />
      <RestaurantPage
        key={id}
        id={id}
        restaurant={answer.data}
        popular={await popularAt(answer.data.name)}
        texts={{ ...pageTexts(await getTranslations('restaurant'), await getLocale()), checkout }}
        tracedShare={tracedShare()}
        facts={<RestaurantFacts restaurant={answer.data} />}
      />
    </>
  )
}
