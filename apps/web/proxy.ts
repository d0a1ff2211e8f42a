import { type NextRequest, NextResponse } from 'next/server'
import { searchOrderAnswers } from './api/search-order.ts'

/**
 * Before any page: scripts and styles must bear this answer's nonce, which Next reads from the request's policy and gives
 * to all that it writes. Pages that need search-order are not begun without it: a page can't say 503 once it has begun.
 */
export async function proxy(request: NextRequest) {
  if (needsSearchOrder.test(request.nextUrl.pathname) && !(await searchOrderAnswers()))
    return await awayPage(request)
  const policy = policyFor(Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64'))
  const headers = new Headers(request.headers)
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  return response
}

/** The page that says so, asked of this same server: shown by a rewrite it would be answered with 200. */
async function awayPage({ headers }: Request): Promise<Response> {
  const language = {
    'accept-language': headers.get('accept-language') ?? '',
    cookie: headers.get('cookie') ?? '',
  }
  const away = `http://localhost:${process.env.PORT || 3000}/away`
  const page = await fetch(away, { cache: 'no-store', headers: language })
  return new Response(await page.text(), {
    status: 503,
    headers: {
      'content-type': page.headers.get('content-type') ?? 'text/html',
      'content-security-policy': page.headers.get('content-security-policy') ?? '',
      'cache-control': 'no-store',
      'retry-after': '5',
    },
  })
}

const needsSearchOrder = /^\/(?:$|restaurants\/)/

/** Nothing comes from other hosts, and nothing goes there. React's development build evaluates. */
function policyFor(nonce: string): string {
  const evaluates = process.env.NODE_ENV === 'development' ? " 'unsafe-eval'" : ''
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${evaluates}`,
    `style-src 'self' 'nonce-${nonce}'`,
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

export const config = { matcher: ['/((?!_next/static/|health).*)'] }
