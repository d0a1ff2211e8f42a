/**
 * Where a form was sent from, as an address on this site: path and query alone, and `/` where it came from elsewhere or
 * doesn't say. It begins with one slash, as two would name another host.
 */
export function backTo(referer: string | null, host: string | null): string {
  if (!referer || !URL.canParse(referer)) return '/'
  const from = new URL(referer)
  if (from.host !== host) return '/'
  return `/${from.pathname.replace(/^\/+/, '')}${from.search}`
}
