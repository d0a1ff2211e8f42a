/**
 * Whether a form was sent by a page of this site. A browser adds the staff's password to what any page sends, and says of
 * each POST where it comes from; who does not say it is no browser, and no page of ours.
 */
export function isOwnForm(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin') return false
  const origin = headers.get('origin') ?? ''
  const host = headers.get('x-forwarded-host') ?? headers.get('host')
  return URL.canParse(origin) && new URL(origin).host === host
}
