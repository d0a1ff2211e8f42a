import { headers } from 'next/headers'

/** Where the site is, as who asks calls it: the same build runs under any name. */
export async function siteUrl(): Promise<string> {
  const asked = await headers()
  return `${asked.get('x-forwarded-proto') ?? 'http'}://${asked.get('host') ?? 'localhost'}`
}
