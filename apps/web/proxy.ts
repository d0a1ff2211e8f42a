import { type NextRequest, NextResponse } from 'next/server'
import { upstreamPath } from './api-route.ts'

export const config = { matcher: ['/api', '/api/:path*'] }

/**
 * Stands in for NGINX where there is none: passes the browser's `/api` calls on to search-order.
 * The address is read on each call, so that one build runs anywhere.
 */
export function proxy(request: NextRequest) {
  const path = upstreamPath(request.method, request.nextUrl.pathname)
  if (path === undefined) {
    return NextResponse.json(
      { type: 'about:blank', title: 'Not found', status: 404 },
      { status: 404, headers: { 'content-type': 'application/problem+json' } },
    )
  }
  const upstream = process.env.SEARCH_ORDER_URL ?? 'http://127.0.0.1:5000'
  return NextResponse.rewrite(`${upstream.replace(/\/+$/, '')}${path}${request.nextUrl.search}`)
}
