import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { popularAt } from '../../../api/popular.ts'
import { getRestaurant } from '../../../api/search-order.ts'
import { siteUrl } from '../../../api/site-url.ts'
import { RestaurantHeading } from '../../../order/restaurant-heading.tsx'
import { RestaurantPage } from '../../../order/restaurant-page.tsx'
import { Away } from '../../../parts/away.tsx'

interface PageProps {
  params: Promise<{ id: string }>
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const answer = await getRestaurant(idOf(await params))
  if (answer.state !== 'ready') {
    const t = await getTranslations()
    const title = t(answer.state === 'missing' ? 'noRestaurant.heading' : 'away.title')
    return { title, robots: { index: false } }
  }
  const { id, name, style, description } = answer.data
  const dishes = answer.data.menu.slice(0, 3).map(dish => dish.name)
  return {
    title: name,
    description: [description, `${style} kitchen. On the menu: ${dishes.join(', ')}.`]
      .filter(Boolean)
      .join(' '),
    alternates: { canonical: `${await siteUrl()}/restaurants/${id}` },
  }
}

export default async function Page({ params }: PageProps) {
  const { id } = await params
  const answer = await getRestaurant(idOf({ id }))
  if (answer.state === 'missing') notFound()
  if (answer.state === 'unreachable') return <Away />
  return (
    <>
      <RestaurantHeading restaurant={answer.data} />
      <RestaurantPage key={id} id={id} restaurant={answer.data} popular={await popularAt(answer.data.name)} />
    </>
  )
}

/** As people write it, in place of how the address does. */
function idOf({ id }: { id: string }): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
