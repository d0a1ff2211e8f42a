const open = {
  GET: /^\/api(\/(?:search|restaurants\/[^/]+|payment-key|openapi\.json|health(?:\/ready)?))$/,
  POST: /^\/api(\/orders)$/,
}

/** The path at search-order for a call to the site's `/api`, or undefined where the site offers no such call. */
export function upstreamPath(method: string, pathname: string): string | undefined {
  return open[method === 'POST' ? 'POST' : 'GET'].exec(pathname)?.[1]
}
