import type { MetadataRoute } from 'next'

/** Orders are for whoever was given their link. */
export default function robots(): MetadataRoute.Robots {
  return { rules: { userAgent: '*', disallow: ['/api/', '/orders', '/kitchen', '/ops'] } }
}
