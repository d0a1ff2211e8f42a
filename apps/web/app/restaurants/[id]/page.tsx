import type { Metadata } from 'next'
import { RestaurantPage } from '../../../order/restaurant-page.tsx'

export const metadata: Metadata = { title: 'Menu' }

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return <RestaurantPage id={id} />
}
