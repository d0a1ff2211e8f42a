import type { Metadata } from 'next'
import { listStyles, searchRestaurants } from '../api/search-order.ts'
import { siteUrl } from '../api/site-url.ts'
import { Away } from '../parts/away.tsx'
import { readFilters } from '../search/filters.ts'
import { SearchPage } from '../search/search-page.tsx'

interface PageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata(): Promise<Metadata> {
  // One address for all searches: they are views of the same list.
  return { alternates: { canonical: `${await siteUrl()}/` } }
}

export default async function Page({ searchParams }: PageProps) {
  const filters = readFilters(queryOf(await searchParams))
  const [found, styles] = await Promise.all([searchRestaurants(filters), listStyles(filters)])
  if (found.state !== 'ready') return <Away />
  return <SearchPage filters={filters} styles={styles} found={found.data} />
}

const queryOf = (params: Awaited<PageProps['searchParams']>) =>
  new URLSearchParams(
    Object.entries(params).flatMap(([name, value]) => [value ?? []].flat().map(each => [name, each])),
  )
