import type { MetadataRoute } from 'next'

export default function manifest(): MetadataRoute.Manifest {
  return {
    name: 'Kafka Restaurants',
    short_name: 'Restaurants',
    description: 'Find a restaurant, order your dishes, and get your confirmation by mail.',
    start_url: '/',
    display: 'standalone',
    background_color: '#fdf8f0',
    theme_color: '#fdf8f0',
    icons: [
      { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
      { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
      { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    ],
  }
}
