import { localeCookie, offered } from '../../i18n/languages.ts'
import { backTo } from './back-to.ts'

const yearSeconds = 365 * 24 * 60 * 60

/** Keeps a visitor's choice of language, and leads back to the page that it was made on. */
export async function POST(request: Request): Promise<Response> {
  const form = await request.formData().catch(() => undefined)
  const locale = offered.find(each => each === form?.get('locale'))
  if (!locale) {
    return new Response(`locale: must be one of ${offered.join(', ')}`, { status: 400 })
  }
  const { headers } = request
  return new Response(null, {
    status: 303,
    headers: {
      location: backTo(headers.get('referer'), headers.get('x-forwarded-host') ?? headers.get('host')),
      'set-cookie': `${localeCookie}=${locale}; Path=/; Max-Age=${yearSeconds}; SameSite=Lax; HttpOnly`,
    },
  })
}
